// class Model: any network that the engine knows, tensors in and tensors out.
'use strict';

const path = require('node:path');
const addon = require('./binding.js');
const { MinnowError, closedError } = require('./errors.js');
const { readFile, readFileSync } = require('./io.js');
const { runJob } = require('./jobs.js');
const { LOAD, checkLimits } = require('./limits.js');
const { cacheFolder, resolveModel } = require('./models.js');
const { checkFeeds, checkOut, nameResults } = require('./tensors.js');
const validate = require('./validate.js');

const MAX_THREADS = 256;
const { threads: DEFAULT_THREADS } = addon.info();
const PRECISIONS = ['fp32', 'fp16', 'int8'];
const KEY = Symbol('constructed by load');
let nativeOf;

function checkThreads(value, otherwise = 0) {
  return validate.integer(value, 'threads', 1, MAX_THREADS, otherwise);
}

/** The folder of prepacked models that an option stands for; '' for none. */
function prepackedFolder(value = process.env.MINNOW_PREPACKED ?? '') {
  if (value === true || value === '1') return path.join(cacheFolder(), 'prepacked');
  if (value === false || value === '0' || value === '') return '';
  if (validate.is.string(value)) return path.resolve(value);
  throw validate.wrongType('a boolean or a folder', 'cache', value);
}

function checkLoadOptions(value) {
  const options = validate.options(value);
  const precision = validate.oneOf(options.precision, 'precision', PRECISIONS, 'own');
  if (precision !== 'fp32' && precision !== 'own') {
    throw new MinnowError(`load: precision '${precision}' is not supported`, 'ERR_UNSUPPORTED');
  }
  if (options.format !== undefined && !validate.is.string(options.format)) {
    throw validate.wrongType('a string', 'format', options.format);
  }
  return {
    threads: checkThreads(options.threads),
    format: options.format,
    precision,
    limits: checkLimits(options.limits, LOAD),
    cache: prepackedFolder(options.cache),
    signal: validate.signal(options.signal),
  };
}

/** A part that is a path is read, bytes stay as they are. */
function readParts(parts, signal) {
  return Promise.all(parts.map((part) => (typeof part === 'string' ? readFile(part, signal) : part)));
}

function readPartsSync(parts) {
  return parts.map((part) => (typeof part === 'string' ? readFileSync(part) : part));
}

/**
 * The addon reads files itself, faster; those that it cannot read (a pipe, a file that is not
 * there) it leaves to Node.js with ERR_NOT_FOUND, for its ways and its errors.
 */
function isLeftToNode(error, parts) {
  return error?.code === 'ERR_NOT_FOUND' && parts.some((part) => typeof part === 'string');
}

/**
 * A compiled network. Weights are shared by all runs; runs may overlap.
 *
 * @example
 * const model = await Model.load('shapes', { threads: 2 });
 * const { logits } = await model.run({ input: new Float32Array(3 * 96 * 96) });
 * console.log(logits.shape, logits.data[0]);
 * model.close();
 */
class Model {
  #native;
  #threads;
  #facts;
  #entry;

  /** Use {@link Model.load} or {@link Model.loadSync}. */
  constructor(key, native, threads, entry) {
    if (key !== KEY) throw new TypeError('Use Model.load() or Model.loadSync()');
    this.#native = native;
    this.#threads = threads;
    this.#entry = entry;
    this.#facts = native.describe();
    for (const info of [...this.#facts.inputs, ...this.#facts.outputs]) {
      Object.freeze(info.shape);
      if (info.quantization) Object.values(info.quantization).forEach(Object.freeze);
      Object.freeze(info.quantization);
      Object.freeze(info);
    }
    Object.freeze(this.#facts.inputs);
    Object.freeze(this.#facts.outputs);
  }

  static {
    nativeOf = (model) => {
      if (model.#native === null) throw closedError('the model');
      return model.#native;
    };
  }

  /**
   * Loads a network on minnow's own threads; the event loop is not blocked.
   *
   * @param {string|URL|Uint8Array|ArrayBuffer|Array} [source] a path, a catalog name, a file: URL,
   *   the bytes (copied), or an array where a format has several files: [xml, bin] of OpenVINO IR,
   *   whose .bin is found beside a path to the .xml alone. Default: the model that comes with the
   *   package
   * @param {object} [options]
   * @param {number} [options.threads] threads of one run at most, 1 to 256. Default: the CPUs that
   *   the process may use, or $MINNOW_THREADS
   * @param {string} [options.precision] 'fp32': a quantised network is computed in floats, without
   *   its rounding. Default: as the model has it
   * @param {string} [options.format] 'tensorflow', 'onnx', …: when the first bytes do not show it
   * @param {object} [options.limits={}] what the file may ask for; beyond: ERR_OUT_OF_MEMORY
   * @param {number} [options.limits.rank=8] dimensions of a tensor, 0 to 8
   * @param {number} [options.limits.elements=2147483648] of a tensor, 1 to 2 ** 31
   * @param {number} [options.limits.nodes=16384] operators of the graph in the file
   * @param {number} [options.limits.nesting=400] levels of messages, elements, tables, blocks,
   *   expressions or calls, 1 to 400, where a format's own limit is not lower (protobuf 16, XML 32,
   *   FlatBuffers 64, TorchScript 200); beyond: ERR_INVALID_MODEL or ERR_UNSUPPORTED
   * @param {number} [options.limits.arenaBytes=1073741824] working memory of one run
   * @param {number} [options.limits.loadMs=60000] milliseconds from the bytes to a network that can
   *   run, looked at between operators; 0: as long as it takes
   * @param {boolean|string} [options.cache] keeps the compiled model on disk for the next load of
   *   the same files (not of bytes), on Linux: true for `prepacked` in the cache folder of
   *   downloads, or a folder that only this user may write. Default: $MINNOW_PREPACKED, '1' or a
   *   folder, else false. Never a reason to fail: without room or rights the load does without
   * @param {AbortSignal} [options.signal] rejects with its reason
   * @returns {Promise<Model>}
   * @throws {MinnowError} ERR_NOT_FOUND, ERR_INVALID_MODEL, ERR_UNSUPPORTED, ERR_OUT_OF_MEMORY
   * @example
   * const model = await Model.load('shapes', { threads: 2 });
   */
  static async load(source, options) {
    const { threads, format, precision, limits, cache, signal } = checkLoadOptions(options);
    signal?.throwIfAborted();
    const found = resolveModel(source);
    // Bytes are copied before this call returns.
    const start = (parts) =>
      runJob(signal, (token) =>
        addon.loadModel(parts, format ?? found.format, precision, limits, cache, token),
      );
    let native;
    try {
      native = await start(found.parts);
    } catch (error) {
      if (!isLeftToNode(error, found.parts)) throw error;
      native = await start(await readParts(found.parts, signal));
    }
    return new Model(KEY, native, threads, found.entry);
  }

  /**
   * {@link Model.load} on the calling thread; bytes are borrowed for the call.
   * @param {string|URL|Uint8Array|ArrayBuffer|Array} [source]
   * @param {object} [options] as for load, without signal
   * @returns {Model}
   * @example
   * const model = Model.loadSync('shapes');
   */
  static loadSync(source, options) {
    const { threads, format, precision, limits, cache } = checkLoadOptions(options);
    const found = resolveModel(source);
    const start = (parts) =>
      addon.loadModelSync(parts, format ?? found.format, precision, limits, cache);
    // Memory that another thread may write is copied.
    const own = found.parts.map((part) =>
      part.buffer instanceof SharedArrayBuffer ? part.slice() : part,
    );
    let native;
    try {
      native = start(own);
    } catch (error) {
      if (!isLeftToNode(error, own)) throw error;
      native = start(readPartsSync(own));
    }
    return new Model(KEY, native, threads, found.entry);
  }

  /**
   * What goes in: `{name, dtype, shape, layout}`; an open dimension of `shape` is -1, `layout` is
   * 'NHWC', 'NCHW' or ''. Quantised tensors have `quantization` as well, `{scales, zeroPoints,
   * axis}`: an integer q stands for scale * (q - zeroPoint).
   */
  get inputs() {
    return this.#facts.inputs;
  }

  /** What comes out: `{name, dtype, shape, layout}`. */
  get outputs() {
    return this.#facts.outputs;
  }

  /** The file format: 'tensorflow', 'onnx', …. */
  get format() {
    return this.#facts.format;
  }

  /** Threads of one run at most. */
  get threads() {
    return this.#threads || DEFAULT_THREADS;
  }

  /** The model.json that the model was found by, or null. */
  get catalogEntry() {
    return this.#entry;
  }

  get closed() {
    return this.#native === null;
  }

  /**
   * What the model is and what it costs.
   * @returns {{format: string, output: string, inputs: object[], outputs: object[], macs: number,
   *   weightBytes: number, arenaBytes: number, isa: string, threads: number,
   *   cache: 'none'|'read'|'written', graphs: {imported: string, optimized: string}}} `macs`
   *   multiply-accumulates of a run with a batch of one; `arenaBytes` working memory of one run;
   *   `output` 'probabilities' or 'logits'; `cache` what the load did with the prepacked model;
   *   `graphs` text before and after the passes
   * @throws {MinnowError} ERR_CLOSED
   * @example
   * console.log((await Model.load()).describe().macs);
   */
  describe() {
    const native = nativeOf(this);
    return {
      ...native.describe(),
      arenaBytes: native.arenaBytes(),
      isa: addon.info().isa,
      threads: this.threads,
      graphs: native.graphs(),
    };
  }

  /**
   * Runs the network on minnow's own threads.
   *
   * @param {Object<string, {data: TypedArray, shape?: number[]}|TypedArray>} feeds one tensor an
   *   input, row-major, of the input's dtype (f32: Float32Array, u8: Uint8Array, i64:
   *   BigInt64Array, …). Copied. A shape may be left out where at most one dimension is open
   * @param {object} [options]
   * @param {Object<string, TypedArray>} [options.out] arrays to write outputs to, by name; written
   *   when the run has ended, not when it failed
   * @param {AbortSignal} [options.signal] rejects with its reason; the run ends before the next
   *   operator
   * @returns {Promise<Object<string, {data: TypedArray, shape: number[], dtype: string}>>}
   * @throws {TypeError|RangeError} wrong feeds
   * @throws {MinnowError} ERR_CLOSED, ERR_NOT_FOUND (no such input), ERR_INVALID_ARGUMENT (shapes
   *   that do not fit, `out` of the wrong size, a detached buffer), ERR_OUT_OF_MEMORY
   * @example
   * const model = await Model.load('shapes');
   * const result = await model.run({ input: new Float32Array(3 * 96 * 96) });
   */
  async run(feeds, options) {
    const { out, signal } = validate.options(options);
    validate.signal(signal);
    const native = nativeOf(this);
    const inputs = checkFeeds(feeds, this.inputs);
    const outs = checkOut(out, this.outputs);
    const results = await runJob(signal, (token) =>
      native.run(inputs, outs, this.#threads, token),
    );
    return nameResults(results, this.outputs);
  }

  /**
   * {@link Model#run} on the calling thread. Feeds are borrowed for the call.
   * @param {object} feeds as for run
   * @param {{out?: Object<string, TypedArray>}} [options]
   * @returns {Object<string, {data: TypedArray, shape: number[], dtype: string}>}
   * @example
   * const { logits } = Model.loadSync('shapes').runSync({ input: new Float32Array(3 * 96 * 96) });
   */
  runSync(feeds, options) {
    const { out } = validate.options(options);
    const native = nativeOf(this);
    const results = native.runSync(
      checkFeeds(feeds, this.inputs),
      checkOut(out, this.outputs),
      this.#threads,
    );
    return nameResults(results, this.outputs);
  }

  /**
   * Times every operator, on the calling thread.
   *
   * @param {object} [feeds] as for run. Default: zeros of the declared shapes, open dimensions 1
   * @param {object} [options]
   * @param {number} [options.runs=10] runs after one to warm up, 1 to 1000; each operator's median
   *   is reported
   * @returns {{totalMs: number, threads: number, peak: {f32: number, int8: number},
   *   operators: Array<{name: string, op: string, kernel: string, output: string, macs: number,
   *   ms: number, gflops: number, peakShare: number}>}} in running order; `ms` milliseconds,
   *   `gflops` 2 * macs / time, `output` the shape; `peak` what the CPU's multiply-adds do at best,
   *   measured before, in GFLOP/s of all threads; `peakShare` gflops beside it, 0 where it is not
   *   measured (int8 without VNNI, or with AMX)
   * @throws {MinnowError} as run
   * @example
   * const { operators } = Model.loadSync('shapes').profile();
   */
  profile(feeds, options) {
    const { runs } = validate.options(options);
    const count = validate.integer(runs, 'runs', 1, 1000, 10);
    const native = nativeOf(this);
    const inputs = feeds === undefined ? null : checkFeeds(feeds, this.inputs);
    const peak = addon.peak(this.#threads);
    native.profile(inputs, this.#threads);
    const profiles = Array.from({ length: count }, () => native.profile(inputs, this.#threads));
    const operators = profiles[0].operators.map((operator, i) => {
      const ms = median(profiles.map((profile) => profile.operators[i].ms));
      const gflops = ms > 0 ? (2 * operator.macs) / (ms * 1e6) : 0;
      const best = peak[peakOf(operator.kernel)];
      return { ...operator, ms, gflops, peakShare: best > 0 ? gflops / best : 0 };
    });
    const totalMs = median(profiles.map((profile) => profile.totalMs));
    return { totalMs, threads: profiles[0].threads, peak, operators };
  }

  /**
   * Later calls throw ERR_CLOSED; runs in flight finish. The native memory is released with the
   * last of them. Closing twice is fine.
   */
  close() {
    this.#native?.close();
    this.#native = null;
  }

  [Symbol.dispose]() {
    this.close();
  }
}

/** Which peak a kernel is measured against. Those of integers have a q in front. */
function peakOf(kernel) {
  return kernel.startsWith('q') ? 'int8' : 'f32';
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

module.exports = { Model, nativeOf };
