// class WasiNN: what a WebAssembly guest that imports wasi_ephemeral_nn is given.
'use strict';

const addon = require('./binding.js');
const { MinnowError, closedError } = require('./errors.js');
const { readFileSync } = require('./io.js');
const { GUEST, LOAD, checkLimits } = require('./limits.js');
const { resolveModel } = require('./models.js');
const validate = require('./validate.js');
const { adaptBackend } = require('./wasi-nn-backend.js');

const MODULE = 'wasi_ephemeral_nn';
const FUNCTIONS = addon.wasiNnFunctions();
const ERRNO_SETS = ['2020', '2022', '2023'];
const INPUT_LAYOUTS = ['auto', 'nchw', 'nhwc'];
const ENCODINGS = ['openvino', 'onnx', 'tensorflow', 'pytorch', 'tensorflowlite', 'autodetect'];
const MAX_THREADS = 256;
const OPTIONS = [
  'models', 'limits', 'inputLayout', 'strictTarget', 'errnoSet', 'backends', 'threads',
];
// By errno set; for what goes wrong before the native host is reached.
const RUNTIME_ERROR = { 2020: 1, 2022: 5, 2023: 5 };

let hasWarnedOfTarget = false;

function warnOfTarget() {
  if (hasWarnedOfTarget) return;
  hasWarnedOfTarget = true;
  process.emitWarning('a guest asked for a gpu or tpu; its graph runs on the CPU', {
    code: 'MINNOW_WASI_NN_TARGET',
    detail: 'With new WasiNN({ strictTarget: true }) such a load fails instead.',
  });
}

function busyError() {
  return new MinnowError('called from inside a call of the guest', 'ERR_BUSY');
}

function checkBackends(value) {
  if (value === undefined) return [null];
  const expected = "a list of 'minnow', 'onnxruntime' and backend objects";
  if (!Array.isArray(value) || value.length === 0) {
    throw validate.wrongType(expected, 'backends', value);
  }
  return value.map((backend) => {
    if (backend === 'minnow') return null;
    if (backend === 'onnxruntime') {
      return adaptBackend(require('./wasi-nn-onnxruntime.js').onnxRuntimeBackend());
    }
    if (!validate.is.object(backend)) throw validate.wrongType(expected, 'backends', value);
    return adaptBackend(backend);
  });
}

/** {name: source | {source, encoding, inputLayout}} as a list. */
function checkModels(value, inputLayout) {
  const models = validate.options(value, 'models');
  return Object.entries(models).map(([name, model]) => {
    const isPlain = Object.getPrototypeOf(model ?? 0) === Object.prototype;
    const entry = isPlain ? model : { source: model };
    const where = `models['${name}']`;
    validate.keys(entry, ['source', 'encoding', 'inputLayout'], where);
    if (entry.source === undefined) {
      throw validate.wrongType('a path, a catalog name or bytes', `${where}.source`, undefined);
    }
    const { encoding } = entry;
    return {
      name,
      source: entry.source,
      encoding: validate.oneOf(encoding, `${where}.encoding`, ENCODINGS, 'autodetect'),
      inputLayout:
        validate.oneOf(entry.inputLayout, `${where}.inputLayout`, INPUT_LAYOUTS, inputLayout),
    };
  });
}

function readModel(source) {
  return resolveModel(source).parts.map((part) =>
    typeof part === 'string' ? readFileSync(part) : part,
  );
}

/** Anything that has linear memory, from this realm or another. */
function isMemory(value) {
  return validate.is.object(value) && validate.is.buffer(value.buffer);
}

/**
 * The host of wasi-nn for one guest: all twelve functions of `wasi_ephemeral_nn`. Its verbs are
 * those of `node:wasi`. Compiled graphs are shared by all instances and workers of the process.
 *
 * Guests call synchronously, so the thread that runs a guest waits for its inferences: use a
 * Worker, or {@link runGuest}, where that matters.
 *
 * @example
 * const nn = new WasiNN({ models: { shapes: 'shapes' } });
 * const imports = nn.getImportObject();
 * console.log(imports, nn.describe('shapes').inputs[0].shape);
 * nn.close();
 */
class WasiNN {
  #native;
  #memory = null;
  #errnoSet;
  #fallbackError = '';
  #imports;

  /**
   * @param {object} [options]
   * @param {Object<string, string|URL|Uint8Array|Array|{source: *, encoding?: string,
   *   inputLayout?: string}>} [options.models] what `load_by_name` finds: paths, catalog names,
   *   `file:` URLs or bytes (arrays where a format has several files); loaded by the constructor
   * @param {{graphs?: number, contexts?: number, bytes?: number, rank?: number, elements?: number,
   *   nodes?: number, nesting?: number, arenaBytes?: number, loadMs?: number}} [options.limits]
   *   live at a time: graphs (64), execution contexts (256), bytes of weights that the guest loaded
   *   and of working memory (1 GiB); and those of {@link Model.load} for each graph
   * @param {'auto'|'nchw'|'nhwc'} [options.inputLayout='auto'] in which order guests give the
   *   bytes of images, whatever dims they name; 'auto': as the dims say
   * @param {boolean} [options.strictTarget=false] `load` for gpu or tpu fails instead of running
   *   on the CPU
   * @param {'2020'|'2022'|'2023'} [options.errnoSet='2023'] error codes that the guest knows: 0 to
   *   3, 0 to 5, 0 to 8
   * @param {Array<'minnow'|'onnxruntime'|object>} [options.backends=['minnow']] asked in this
   *   order; the next is asked when one does not know the format or an operator
   * @param {number} [options.threads] threads of one inference at most, 1 to 256
   * @throws {TypeError|RangeError} wrong options
   * @throws {MinnowError} a model that cannot be loaded: ERR_NOT_FOUND, ERR_INVALID_MODEL,
   *   ERR_UNSUPPORTED, ERR_OUT_OF_MEMORY
   */
  constructor(options) {
    const given = validate.options(options);
    validate.keys(given, OPTIONS, 'options');
    this.#errnoSet = validate.oneOf(given.errnoSet, 'errnoSet', ERRNO_SETS, '2023');
    const inputLayout = validate.oneOf(given.inputLayout, 'inputLayout', INPUT_LAYOUTS, 'auto');
    const { strictTarget = false } = given;
    if (typeof strictTarget !== 'boolean') {
      throw validate.wrongType('a boolean', 'strictTarget', strictTarget);
    }
    const models = checkModels(given.models, inputLayout);
    const limits = checkLimits(given.limits, GUEST, LOAD);
    this.#native = new addon.NativeWasiNN({
      errnoSet: this.#errnoSet,
      inputLayout,
      strictTarget,
      threads: validate.integer(given.threads, 'threads', 1, MAX_THREADS, 0),
      ...limits,
      backends: checkBackends(given.backends),
    });
    this.#addModels(models);
    this.#imports = this.#makeImports();
  }

  #addModels(models) {
    try {
      for (const { name, source, encoding, inputLayout } of models) {
        this.#addModel(name, readModel(source), encoding, inputLayout);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #addModel(name, parts, encoding, inputLayout) {
    try {
      this.#native.addModel(name, parts, encoding, inputLayout);
    } catch (error) {
      if (error instanceof MinnowError) error.message = `models['${name}']: ${error.message}`;
      throw error;
    }
  }

  #makeImports() {
    return Object.fromEntries(
      FUNCTIONS.map(({ name }, index) => [
        name,
        (a, b, c, d, e) => this.#call(index, a, b, c, d, e),
      ]),
    );
  }

  /** Never throws: a guest has no way to take an exception. */
  #call(index, a = 0, b = 0, c = 0, d = 0, e = 0) {
    try {
      // A new view each time: memory.grow detaches the old one.
      const view = this.#memory === null ? undefined : new Uint8Array(this.#memory.buffer);
      const code = this.#native.call(index, view, a, b, c, d, e);
      if (code !== 0) this.#fallbackError = '';
      if (index === 0 && code === 0 && !hasWarnedOfTarget) this.#warnOfTarget();
      return code;
    } catch (error) {
      const reason = this.#native === null ? 'the wasi-nn host is closed' : String(error);
      this.#fallbackError = `${FUNCTIONS[index].name}: ${reason} (runtime_error)`;
      return RUNTIME_ERROR[this.#errnoSet];
    }
  }

  #warnOfTarget() {
    if (this.#native.state().replacedTarget) warnOfTarget();
  }

  #open() {
    if (this.#native === null) throw closedError('the wasi-nn host');
    return this.#native;
  }

  /**
   * @returns {{wasi_ephemeral_nn: Object<string, Function>}} to be merged with the import object
   *   of `node:wasi`
   * @throws {MinnowError} ERR_CLOSED
   */
  getImportObject() {
    this.#open();
    return { [MODULE]: { ...this.#imports } };
  }

  /**
   * Tells the host which memory the guest's pointers point into. What an instance before it loaded
   * is let go. Call it before the guest runs; {@link WasiNN#start} does.
   * @param {WebAssembly.Instance|{exports: object}} instance exports its memory as `memory`
   * @param {{memory?: WebAssembly.Memory}} [options] where the instance imports its memory instead
   * @throws {TypeError} there is no memory
   * @throws {MinnowError} ERR_CLOSED, ERR_BUSY (from inside a call of the guest)
   */
  initialize(instance, options) {
    const native = this.#open();
    if (!validate.is.object(instance) || !validate.is.object(instance.exports)) {
      throw validate.wrongType('a WebAssembly.Instance', 'instance', instance);
    }
    const memory = validate.options(options).memory ?? instance.exports.memory;
    if (!isMemory(memory)) throw validate.wrongType('a WebAssembly.Memory', 'memory', memory);
    if (!native.reset()) throw busyError();
    this.#memory = memory;
  }

  /**
   * {@link WasiNN#initialize}, then `wasi.start(instance)`.
   * @param {import('node:wasi').WASI} wasi
   * @param {WebAssembly.Instance} instance
   * @param {{memory?: WebAssembly.Memory}} [options] as for initialize; also given to `wasi`
   * @returns {number} the guest's exit code
   */
  start(wasi, instance, options) {
    if (typeof wasi?.start !== 'function') throw validate.wrongType('a WASI', 'wasi', wasi);
    this.initialize(instance, options);
    if (options?.memory === undefined || instance.exports.memory !== undefined) {
      return wasi.start(instance);
    }
    // node:wasi looks for an exported memory.
    return wasi.start({ exports: { ...instance.exports, memory: options.memory } });
  }

  /** The text behind the last error code: "set_input: … (invalid_argument)"; '' before. */
  get lastError() {
    if (this.#fallbackError !== '') return this.#fallbackError;
    return this.#native === null ? '' : this.#native.lastError();
  }

  /** What the guest holds: `{graphs, contexts, bytes}`. */
  get usage() {
    const { graphs, contexts, bytes } = this.#open().state();
    return { graphs, contexts, bytes };
  }

  /**
   * @param {number|string} graph a handle of the guest, or a name of `models`
   * @returns {{backend: string, format: string, inputs: object[], outputs: object[]}} inputs and
   *   outputs are `{name, dtype, shape, layout}`, an open dimension is -1
   * @throws {MinnowError} ERR_NOT_FOUND, ERR_CLOSED
   */
  describe(graph) {
    if (typeof graph !== 'string') validate.integer(graph, 'graph', 0, 2 ** 32 - 1);
    const info = this.#open().describe(graph);
    if (info === null) throw new MinnowError(`describe: no graph ${graph}`, 'ERR_NOT_FOUND');
    return info;
  }

  /**
   * Lets go of everything. Imports that a guest calls afterwards give runtime_error. Closing twice
   * is fine.
   * @throws {MinnowError} ERR_BUSY from inside a call of the guest
   */
  close() {
    if (this.#native === null) return;
    if (!this.#native.close()) throw busyError();
    this.#native = null;
    this.#memory = null;
  }

  [Symbol.dispose]() {
    this.close();
  }

  get closed() {
    return this.#native === null;
  }
}

module.exports = { WasiNN };
