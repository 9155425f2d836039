// Classification by infer.wasm on a thread of its own: needs no native addon.
'use strict';

const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { MinnowError, closedError } = require('../errors.js');
const { checkPreprocess } = require('../image/preprocess.js');
const { fitLabels, labelOf, loadLabelsSync } = require('../labels.js');
const { resolveModel } = require('../models.js');
const { is } = require('../validate.js');

/** Numbers of set_preprocess; 0 goes by the model's format. */
const KINDS = { tf: 1, imagenet: 2, unit: 3, 'caffe-bgr': 4, none: 5 };
const DEFAULT_TOP_K = 5;

const unsupported = (what) =>
  new MinnowError(`load: the Wasm engine does not do ${what}`, 'ERR_UNSUPPORTED');

/** What the worker needs; options as for MobileNet.load. */
function prepare(source, options) {
  checkPreprocess(options.preprocess);
  const { parts, entry } = resolveModel(source);
  if (parts.length !== 1) throw unsupported('models of several files');
  const preprocess = options.preprocess ?? entry?.preprocess;
  if (preprocess !== undefined && !is.string(preprocess)) throw unsupported('preprocessing by numbers');
  const resize = options.resize ?? entry?.resize ?? 'stretch';
  if (resize !== 'stretch') throw unsupported(`resize '${resize}'`);
  const labels = loadLabelsSync(options.labels, entry);
  return { workerData: { model: parts[0], kind: KINDS[preprocess] ?? 0 }, labels };
}

/** A network in WebAssembly; one picture at a time, the others wait. */
class WasmClassifier {
  #worker = null;
  #labels = null;
  #waiting = new Map();
  #count = 0;
  #failure = null;

  /** Rejects when the model cannot be loaded: ERR_UNSUPPORTED, ERR_NOT_FOUND, ERR_INVALID_MODEL. */
  ready;

  /**
   * @param {string|URL|Uint8Array} source as for MobileNet.load; a model of one file
   * @param {object} [options] labels, preprocess (by name) and resize ('stretch') of it
   */
  constructor(source, options = {}) {
    this.ready = this.#start(source, options);
    this.ready.catch(() => {});
  }

  async #start(source, options) {
    const { workerData, labels } = prepare(source, options);
    this.#worker = new Worker(path.join(__dirname, 'wasm-worker.js'), { workerData });
    this.#worker.on('message', ({ id, error, ...answer }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(answer);
      else reject(new MinnowError(error.message, error.code));
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(closedError('the network')));
    const { classes } = await this.#answer('ready');
    this.#labels = fitLabels(labels, classes);
  }

  #answer(id) {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #fail(error) {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  /**
   * As MobileNet.classify for bytes. A damaged picture may end in ERR_GUEST_TRAP.
   * @param {Uint8Array} bytes
   * @param {{topK?: number}} [options]
   */
  async classify(bytes, { topK = DEFAULT_TOP_K } = {}) {
    await this.ready;
    if (this.#failure !== null) throw this.#failure;
    const id = this.#count++;
    const answer = this.#answer(id);
    this.#worker.postMessage({ id, bytes, topK });
    const { predictions } = await answer;
    return predictions.map(({ index, probability }) => ({
      index, label: labelOf(this.#labels, index), probability,
    }));
  }

  close() {
    this.#worker?.terminate();
  }
}

module.exports = { WasmClassifier };
