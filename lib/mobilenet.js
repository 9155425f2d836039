// class MobileNet: pictures in, labelled classes out.
'use strict';

const addon = require('./binding.js');
const { closedError } = require('./errors.js');
const { PRESETS, RESIZE_MODES, checkPreprocess, resolvePreprocess } = require('./image/preprocess.js');
const { nameOf, openImage, openImageSync } = require('./image/source.js');
const { runJob } = require('./jobs.js');
const { LOAD, PICTURE, checkLimits, pick } = require('./limits.js');
const { fitLabels, labelOf, loadLabels, loadLabelsSync } = require('./labels.js');
const { Model, nativeOf } = require('./model.js');
const { orderedMap } = require('./stream.js');
const validate = require('./validate.js');

const DEFAULT_TOP_K = 5;
const DEFAULT_MAX_PIXELS = 100_000_000;
const MAX_SIDE = 16_384;
const KEY = Symbol('constructed by load');
let preprocessOf;

function checkOptions(value) {
  const options = validate.options(value);
  checkPreprocess(options.preprocess);
  const limits = checkLimits(options.limits, LOAD, PICTURE);
  return {
    ...options,
    limits: pick(limits, LOAD),
    pictureLimits: pick(limits, PICTURE),
    resize: options.resize && validate.oneOf(options.resize, 'resize', RESIZE_MODES),
    width: validate.integer(options.width, 'width', 1, MAX_SIDE, 0),
    height: validate.integer(options.height, 'height', 1, MAX_SIDE, 0),
    maxPixels: validate.integer(
      options.maxPixels, 'maxPixels', 1, Number.MAX_SAFE_INTEGER, DEFAULT_MAX_PIXELS,
    ),
  };
}

function checkTopK(value) {
  return validate.integer(value, 'topK', 1, 2 ** 31 - 1, DEFAULT_TOP_K);
}

/** Decides the preprocessing and makes the native classifier. */
function makeClassifier(model, options) {
  const entry = model.catalogEntry;
  const kind = resolvePreprocess(
    options.preprocess, entry, model.format, model.inputs[0]?.dtype,
  );
  const resize =
    options.resize ?? validate.oneOf(entry?.resize, 'resize of the catalog', RESIZE_MODES, 'stretch');
  const { width, height, maxPixels } = options;
  const native = new addon.NativeClassifier(nativeOf(model), {
    ...kind, resize, width, height, maxPixels, ...options.pictureLimits,
  });
  const facts = native.describe();
  const { source, ...numbers } = facts.bytes ? { ...kind, ...PRESETS.none, name: 'none' } : kind;
  const preprocess = Object.freeze({
    ...numbers,
    mean: Object.freeze([...numbers.mean]),
    std: Object.freeze([...numbers.std]),
    layout: facts.layout,
    resize,
    width: facts.width,
    height: facts.height,
    source,
  });
  return { native, preprocess, classes: facts.classes };
}

/**
 * A network that says what is in a picture.
 *
 * @example
 * const net = await MobileNet.load();
 * const [best] = await net.classify('dog.jpg', { topK: 1 });
 * console.log(best.label, best.probability);
 * net.close();
 */
class MobileNet {
  #model;
  #native;
  #labels;
  #preprocess;
  #closed = false;
  #inFlight = 0;

  static {
    /** `{data, shape}`, what the network is fed for a picture. */
    preprocessOf = async (net, image, signal) => {
      const native = net.#open();
      const input = await openImage(image, signal);
      return runJob(signal, (token) => native.preprocess(input, token));
    };
  }

  /** Use {@link MobileNet.load} or {@link MobileNet.loadSync}. */
  constructor(key, model, labels, { native, preprocess, classes }) {
    if (key !== KEY) throw new TypeError('Use MobileNet.load() or MobileNet.loadSync()');
    this.#model = model;
    this.#native = native;
    this.#preprocess = preprocess;
    this.#labels = fitLabels(labels, classes);
  }

  /**
   * Loads an image classification network; files are read and weights packed off the event loop.
   *
   * @param {string|URL|Uint8Array|ArrayBuffer|Array} [model] a path, a catalog name, a file: URL,
   *   or the bytes (copied). Default: 'shapes', the small model that comes with the package
   * @param {object} [options]
   * @param {string|URL|string[]} [options.labels] a file with one label a line, a list, or the name
   *   of a catalog model. Default: the catalog's; without any, labels are "class 208". A first line
   *   "background" is dropped where the network has no such class
   * @param {string|object} [options.preprocess] 'tf' x/127.5-1, 'unit' x/255, 'imagenet' mean and
   *   deviation, 'caffe-bgr', 'none', or `{scale, mean, std, order, layout}` meaning
   *   (pixel * scale - mean) / std. Default: the catalog's, else the format's: tensorflow and
   *   tflite 'tf', onnx and pytorch 'imagenet', openvino pixels as they are in BGR; u8 networks
   *   take pixels as they are
   * @param {'stretch'|'crop'} [options.resize='stretch'] the whole picture, or the centred square
   *   of 87.5 % of its shorter side
   * @param {number} [options.width] of the input, pixels, 1 to 16384; only where the model leaves
   *   it open, then 224 by default
   * @param {number} [options.height] likewise
   * @param {number} [options.maxPixels=100000000] larger pictures are refused before decoding
   * @param {object} [options.limits={}] as for {@link Model.load}, and for pictures; beyond:
   *   ERR_OUT_OF_MEMORY
   * @param {number} [options.limits.scans=100] of a JPEG
   * @param {number} [options.limits.chunks=100000] of a PNG
   * @param {number} [options.threads] as for {@link Model.load}
   * @param {string} [options.precision] as for {@link Model.load}
   * @param {string} [options.format] as for {@link Model.load}
   * @param {boolean|string} [options.cache] as for {@link Model.load}
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<MobileNet>}
   * @throws {TypeError|RangeError} wrong options
   * @throws {MinnowError} ERR_NOT_FOUND, ERR_INVALID_MODEL, ERR_UNSUPPORTED (not an image network),
   *   ERR_INVALID_ARGUMENT (labels or layout that do not fit), ERR_OUT_OF_MEMORY
   * @example
   * const net = await MobileNet.load('shapes', { threads: 2 });
   */
  static async load(model, options) {
    const checked = checkOptions(options);
    const loaded = await Model.load(model, checked);
    try {
      const labels = await loadLabels(checked.labels, loaded.catalogEntry, checked.signal);
      return new MobileNet(KEY, loaded, labels, makeClassifier(loaded, checked));
    } catch (error) {
      loaded.close();
      throw error;
    }
  }

  /**
   * {@link MobileNet.load} on the calling thread.
   * @param {string|URL|Uint8Array|ArrayBuffer|Array} [model]
   * @param {object} [options] as for load, without signal
   * @returns {MobileNet}
   * @example
   * const net = MobileNet.loadSync();
   */
  static loadSync(model, options) {
    const checked = checkOptions(options);
    const loaded = Model.loadSync(model, checked);
    try {
      const labels = loadLabelsSync(checked.labels, loaded.catalogEntry);
      return new MobileNet(KEY, loaded, labels, makeClassifier(loaded, checked));
    } catch (error) {
      loaded.close();
      throw error;
    }
  }

  /** The {@link Model} inside; it is closed with this object. */
  get model() {
    return this.#model;
  }

  /** One label a class, or null. */
  get labels() {
    return this.#labels === null ? null : [...this.#labels];
  }

  /**
   * What happens to pixels, as in force:
   * `{name, scale, mean, std, order, layout, resize, width, height, source}`;
   * `source` is 'option', 'catalog' or 'format default'.
   */
  get preprocess() {
    return this.#preprocess;
  }

  get closed() {
    return this.#closed;
  }

  #open() {
    if (this.#closed || this.#model.closed) throw closedError('the network');
    return this.#native;
  }

  #predictions(result) {
    return result.predictions.map(({ index, probability }) => ({
      index,
      label: labelOf(this.#labels, index),
      probability,
    }));
  }

  async #classify(image, topK, signal) {
    this.#open();
    signal?.throwIfAborted();
    const start = performance.now();
    this.#inFlight++;
    try {
      const opened = openImage(image, signal);
      // Bytes and pixels are copied by the addon before this call returns.
      const input = opened instanceof Promise ? await opened : opened;
      const result = await runJob(signal, (token) =>
        this.#native.classify(input, topK, this.#model.threads, token),
      );
      const total = performance.now() - start;
      const ms = { decode: result.decodeMs, infer: result.inferMs, total };
      return { predictions: this.#predictions(result), ms };
    } finally {
      this.#inFlight--;
      this.#releaseWhenIdle();
    }
  }

  #releaseWhenIdle() {
    if (this.#closed && this.#inFlight === 0) this.#native.close();
  }

  /**
   * Says what is in a picture. Decoding and inference run on minnow's own threads.
   *
   * @param {string|URL|Uint8Array|ArrayBuffer|{data: Uint8Array, width: number, height: number,
   *   channels?: 1|3|4}} image a path, a file: URL, the bytes of a JPEG or PNG (copied), or pixels:
   *   row-major HWC, 8 bits, grey, RGB or RGBA (alpha over black); channels default to
   *   data.length / (width * height)
   * @param {object} [options]
   * @param {number} [options.topK=5] how many classes, from 1; never more than the network has
   * @param {AbortSignal} [options.signal] rejects with its reason
   * @returns {Promise<Array<{index: number, label: string, probability: number}>>} best first;
   *   probability 0 to 1; equal ones by rising index
   * @throws {TypeError|RangeError} wrong arguments
   * @throws {MinnowError} ERR_NOT_FOUND, ERR_INVALID_IMAGE, ERR_OUT_OF_MEMORY (above maxPixels),
   *   ERR_CLOSED
   * @example
   * const net = await MobileNet.load();
   * const grey = { data: new Uint8Array(64 * 64), width: 64, height: 64, channels: 1 };
   * console.log(await net.classify(grey, { topK: 3 }));
   */
  async classify(image, options) {
    const { topK, signal } = validate.options(options);
    const count = checkTopK(topK);
    validate.signal(signal);
    return (await this.#classify(image, count, signal)).predictions;
  }

  /**
   * {@link MobileNet#classify} on the calling thread; bytes and pixels are borrowed for the call.
   * @param {string|URL|Uint8Array|ArrayBuffer|object} image
   * @param {{topK?: number}} [options]
   * @returns {Array<{index: number, label: string, probability: number}>}
   * @example
   * const grey = { data: new Uint8Array(64 * 64), width: 64, height: 64, channels: 1 };
   * console.log(MobileNet.loadSync().classifySync(grey));
   */
  classifySync(image, options) {
    const { topK } = validate.options(options);
    const count = checkTopK(topK);
    const native = this.#open();
    return this.#predictions(
      native.classifySync(openImageSync(image), count, this.#model.threads),
    );
  }

  /**
   * Classifies several pictures, as many at a time as there are threads. Each is a run of its own:
   * one run already fills a core, and no picture waits for the slowest.
   *
   * @param {Array} images as for classify
   * @param {{topK?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<Array<Array<{index: number, label: string, probability: number}>>>} in the
   *   order of the images
   * @throws the first picture's error by order; the others are abandoned. Use classifyStream to
   *   have every result
   * @example
   * const grey = { data: new Uint8Array(64 * 64), width: 64, height: 64, channels: 1 };
   * const [a, b] = await (await MobileNet.load()).classifyBatch([grey, grey]);
   */
  async classifyBatch(images, options) {
    if (!Array.isArray(images)) throw validate.wrongType('an array of images', 'images', images);
    const { topK, signal } = validate.options(options);
    const count = checkTopK(topK);
    validate.signal(signal);
    this.#open();
    const results = [];
    const concurrency = Math.min(this.#model.threads, images.length);
    if (concurrency === 0) return results;
    const work = (image, _, inner) => this.#classify(image, count, inner);
    for await (const { predictions } of orderedMap(images, work, { concurrency, signal })) {
      results.push(predictions);
    }
    return results;
  }

  /**
   * Classifies a sequence, in order. A picture that cannot be classified gives an `error` and does
   * not end the stream; an abort, a closed network, or an error of the sequence itself does.
   *
   * @param {Iterable|AsyncIterable} images as for classify
   * @param {object} [options]
   * @param {number} [options.concurrency] pictures in work at a time, 1 to 256; the sequence is
   *   read no further ahead. Default: the threads of the model
   * @param {number} [options.topK=5]
   * @param {AbortSignal} [options.signal]
   * @returns {AsyncGenerator<{index: number, file: string|undefined, predictions?: Array,
   *   ms?: {decode: number, infer: number, total: number}, error?: Error}>} `index` counts the
   *   images, `file` is the path where there is one; `ms` in milliseconds: bytes to tensor, tensor
   *   to predictions, and all of it with reading and waiting
   * @example
   * const net = await MobileNet.load();
   * for await (const { file, predictions, error } of net.classifyStream(['a.jpg', 'b.png'])) {
   *   console.log(file, error?.code ?? predictions[0].label);
   * }
   */
  classifyStream(images, options) {
    if (!validate.is.iterable(images)) {
      throw validate.wrongType('an iterable of images', 'images', images);
    }
    const { concurrency, topK, signal } = validate.options(options);
    const count = checkTopK(topK);
    validate.signal(signal);
    const limit = validate.integer(concurrency, 'concurrency', 1, 256, this.#model.threads);
    this.#open();
    const work = async (image, index, inner) => {
      const file = nameOf(image);
      try {
        return { index, file, ...(await this.#classify(image, count, inner)) };
      } catch (error) {
        if (inner.aborted || error?.code === 'ERR_CLOSED') throw error;
        return { index, file, error };
      }
    };
    return orderedMap(images, work, { concurrency: limit, signal });
  }

  /**
   * Later calls throw ERR_CLOSED; work in flight finishes, then the native memory is released.
   * Closing twice is fine.
   */
  close() {
    this.#closed = true;
    this.#model.close();
    this.#releaseWhenIdle();
  }

  [Symbol.dispose]() {
    this.close();
  }
}

module.exports = { MobileNet, preprocessOf };
