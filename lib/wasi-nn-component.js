// What does a component that imports wasi:nn (0.2.0-rc-2024-10-28), transpiled by jco, get?
'use strict';

const { MinnowError } = require('./errors.js');
const { GUEST, LOAD, checkLimits, pick } = require('./limits.js');
const { Model } = require('./model.js');
const validate = require('./validate.js');

const VERSION = '0.2.0-rc-2024-10-28';
const OPTIONS = ['models', 'limits', 'threads'];
const MAX_THREADS = 256;

// The engine's error codes by WIT's.
const ERROR_CODES = {
  ERR_INVALID_ARGUMENT: 'invalid-argument',
  ERR_INVALID_ARG_TYPE: 'invalid-argument',
  ERR_OUT_OF_RANGE: 'invalid-argument',
  ERR_INVALID_MODEL: 'invalid-encoding',
  ERR_UNSUPPORTED: 'unsupported-operation',
  ERR_NOT_FOUND: 'not-found',
  ERR_OUT_OF_MEMORY: 'too-large',
};

// WIT's element types by the engine's. BF16 has no counterpart.
const TYPES = {
  FP16: { dtype: 'f16', Array: Uint16Array },
  FP32: { dtype: 'f32', Array: Float32Array },
  FP64: { dtype: 'f64', Array: Float64Array },
  U8: { dtype: 'u8', Array: Uint8Array },
  I32: { dtype: 'i32', Array: Int32Array },
  I64: { dtype: 'i64', Array: BigInt64Array },
};
const TYPE_OF = new Map(Object.entries(TYPES).map(([ty, { dtype }]) => [dtype, ty]));

/** The resource `error` of interface errors. */
class NnError {
  #code;
  #data;

  constructor(code, data) {
    this.#code = code;
    this.#data = data;
  }

  code() {
    return this.#code;
  }

  data() {
    return this.#data;
  }
}

/** What jco turns into the `err` of a result: any error with the value as its payload. */
function failure(code, data) {
  return Object.assign(new Error(`${code}: ${data}`), { payload: new NnError(code, data) });
}

function translate(error) {
  if (error?.payload instanceof NnError) return error;
  const code = ERROR_CODES[error?.code] ?? 'runtime-error';
  return failure(code, String(error?.message ?? error));
}

function attempt(action) {
  try {
    return action();
  } catch (error) {
    throw translate(error);
  }
}

/** The resource `tensor` of interface tensor: dimensions, element type, row-major bytes. */
class NnTensor {
  #dimensions;
  #ty;
  #data;

  constructor(dimensions, ty, data) {
    this.#dimensions = Uint32Array.from(dimensions);
    this.#ty = ty;
    this.#data = data;
  }

  dimensions() {
    return this.#dimensions;
  }

  ty() {
    return this.#ty;
  }

  data() {
    return this.#data;
  }
}

/** A tensor as Model.runSync takes it. */
function toFeed(tensor, name) {
  const type = TYPES[tensor.ty()];
  if (type === undefined) throw failure('unsupported-operation', `${name}: ${tensor.ty()} tensors`);
  const shape = [...tensor.dimensions()];
  const bytes = tensor.data();
  const expected = shape.reduce((product, size) => product * size, type.Array.BYTES_PER_ELEMENT);
  if (bytes.byteLength !== expected) {
    throw failure('invalid-argument',
      `${name}: [${shape}] of ${tensor.ty()} takes ${expected} bytes, ${bytes.byteLength} given`);
  }
  // The bytes of a component lie anywhere; typed arrays need them aligned.
  const aligned = new Uint8Array(bytes).buffer;
  return { dtype: type.dtype, feed: { data: new type.Array(aligned), shape } };
}

/** The input that a component means: by its name, or by its number. */
function findInput(inputs, name) {
  const byName = inputs.find((input) => input.name === name);
  if (byName !== undefined) return byName;
  const byNumber = /^\d+$/.test(name) ? inputs[Number(name)] : undefined;
  if (byNumber !== undefined) return byNumber;
  const known = inputs.map((input) => `'${input.name}'`).join(', ');
  throw failure('invalid-argument', `no input '${name}'; there is ${known}`);
}

function collectFeeds(inputs, namedTensors) {
  const feeds = {};
  for (const [name, tensor] of namedTensors) {
    const input = findInput(inputs, name);
    if (Object.hasOwn(feeds, input.name)) {
      throw failure('invalid-argument', `input '${input.name}' is given twice`);
    }
    const { dtype, feed } = toFeed(tensor, input.name);
    if (dtype !== input.dtype) {
      throw failure('invalid-argument', `input '${input.name}' is ${input.dtype}, not ${dtype}`);
    }
    feeds[input.name] = feed;
  }
  return feeds;
}

function toNamedTensor([name, { data, shape, dtype }]) {
  const ty = TYPE_OF.get(dtype);
  if (ty === undefined) throw failure('unsupported-operation', `output '${name}' is ${dtype}`);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [name, new NnTensor(shape, ty, bytes)];
}

/** A model held by its graphs and their contexts; closed when the last of them is dropped. */
class SharedModel {
  #holders = 0;

  constructor(model) {
    this.model = model;
  }

  hold() {
    this.#holders += 1;
    return this;
  }

  release() {
    this.#holders -= 1;
    if (this.#holders === 0) this.model.close();
  }
}

/** Something that the component holds: one of a limited number, dropped once. */
class Held {
  #shared;
  #slots;

  constructor(shared, slots) {
    slots.take();
    this.#slots = slots;
    this.#shared = shared.hold();
  }

  get shared() {
    if (this.#shared === null) throw failure('invalid-argument', 'dropped already');
    return this.#shared;
  }

  drop() {
    if (this.#shared === null) return;
    this.#shared.release();
    this.#shared = null;
    this.#slots.give();
  }
}

class Slots {
  #free;
  #what;

  constructor(count, what) {
    this.#free = count;
    this.#what = what;
  }

  take() {
    if (this.#free === 0) throw failure('too-large', `too many ${this.#what} at a time`);
    this.#free -= 1;
  }

  give() {
    this.#free += 1;
  }
}

/** The resource `graph-execution-context` of interface inference. */
class GraphExecutionContext {
  #held;

  constructor(held) {
    this.#held = held;
  }

  compute(namedTensors) {
    return attempt(() => {
      const { model } = this.#held.shared;
      const outputs = model.runSync(collectFeeds(model.inputs, namedTensors));
      return Object.entries(outputs).map(toNamedTensor);
    });
  }

  [Symbol.dispose]() {
    this.#held.drop();
  }
}

/** The resource `graph` of interface graph. */
class Graph {
  #held;
  #contexts;

  constructor(held, contexts) {
    this.#held = held;
    this.#contexts = contexts;
  }

  initExecutionContext() {
    return attempt(
      () => new GraphExecutionContext(new Held(this.#held.shared, this.#contexts)),
    );
  }

  [Symbol.dispose]() {
    this.#held.drop();
  }
}

function checkThreads(value) {
  return value === undefined ? undefined : validate.integer(value, 'threads', 1, MAX_THREADS);
}

function checkOptions(value) {
  const given = validate.options(value);
  validate.keys(given, OPTIONS, 'options');
  const { graphs, contexts } = GUEST;
  const limits = checkLimits(given.limits, { graphs, contexts }, LOAD);
  return {
    models: validate.options(given.models, 'models'),
    load: { threads: checkThreads(given.threads), limits: pick(limits, LOAD) },
    graphs: new Slots(limits.graphs, 'graphs'),
    contexts: new Slots(limits.contexts, 'execution contexts'),
  };
}

function loadNamed(models, load) {
  const entries = Object.entries(models).map(([name, source]) => {
    try {
      // Held by the imports themselves: a component cannot close it.
      return [name, new SharedModel(Model.loadSync(source, load)).hold()];
    } catch (error) {
      if (error instanceof MinnowError) error.message = `models['${name}']: ${error.message}`;
      throw error;
    }
  });
  return new Map(entries);
}

/**
 * The imports of a component that was compiled against `wasi:nn@0.2.0-rc-2024-10-28` and transpiled
 * by jco with `--instantiation`. Spread them beside those of `@bytecodealliance/preview2-shim`.
 * Inference is synchronous, on the calling thread.
 *
 * The encoding that a component names is a hint: the bytes say what they are. Targets other than
 * the CPU are taken for it. Inputs go by their name or their number as text.
 *
 * @param {object} [options]
 * @param {Object<string, string|URL|Uint8Array|Array>} [options.models] what `load-by-name` finds,
 *   as for Model.load; loaded by this call
 * @param {{graphs?: number, contexts?: number, rank?: number, elements?: number, nodes?: number,
 *   nesting?: number, arenaBytes?: number, loadMs?: number}} [options.limits] live at a time:
 *   graphs (64), execution contexts (256); and those of {@link Model.load} for each graph
 * @param {number} [options.threads] of one inference at most, 1 to 256
 * @returns {Object<string, object>} the interfaces tensor, graph, inference and errors, each as
 *   `wasi:nn/tensor` and as `wasi:nn/tensor@0.2.0-rc-2024-10-28`: jco asks for either
 * @throws {TypeError|RangeError} wrong options
 * @throws {MinnowError} as Model.loadSync
 * @example
 * const imports = createWasiNnComponentImports({ models: { shapes: 'shapes' } });
 * const { loadByName } = imports['wasi:nn/graph'];
 * const { Tensor } = imports['wasi:nn/tensor'];
 * const input = new Tensor([1, 3, 96, 96], 'FP32', new Uint8Array(4 * 3 * 96 * 96));
 * const [[name, tensor]] = loadByName('shapes').initExecutionContext().compute([['input', input]]);
 * console.log(name, tensor.dimensions()); // logits [1, 10]
 */
function createWasiNnComponentImports(options) {
  const { models, load: loading, graphs, contexts } = checkOptions(options);
  const named = loadNamed(models, loading);
  const open = (shared) => new Graph(new Held(shared, graphs), contexts);

  const load = (builder) =>
    attempt(() => {
      // Copied: the parts lie in the component's memory.
      const parts = builder.map((part) => Uint8Array.from(part));
      if (parts.length === 0) throw failure('invalid-argument', 'load: no bytes are given');
      const source = parts.length === 1 ? parts[0] : parts;
      return open(new SharedModel(Model.loadSync(source, loading)));
    });
  const loadByName = (name) =>
    attempt(() => {
      const shared = named.get(name);
      if (shared === undefined) throw failure('not-found', `no model is called '${name}'`);
      return open(shared);
    });

  const interfaces = {
    tensor: { Tensor: NnTensor },
    graph: { Graph, load, loadByName },
    inference: { GraphExecutionContext },
    errors: { Error: NnError },
  };
  return Object.fromEntries(
    Object.entries(interfaces).flatMap(([name, value]) => [
      [`wasi:nn/${name}`, value],
      [`wasi:nn/${name}@${VERSION}`, value],
    ]),
  );
}

module.exports = { createWasiNnComponentImports };
