// Which engine answers: the native one, infer.wasm, or the one that is ready first?
'use strict';

const { closedError } = require('../errors.js');
const { Histogram, Values, textOf } = require('./metrics.js');
const { WasmClassifier } = require('./wasm-classifier.js');

const HEAD_START_MS = 250;

/** The native engine in the form of WasmClassifier; the addon is loaded here and nowhere before. */
class NativeClassifier {
  #closing = new AbortController();

  constructor(source, options) {
    const { signal } = this.#closing;
    this.ready = Promise.resolve().then(() => {
      const { MobileNet } = require('../mobilenet.js');
      return MobileNet.load(source, { ...options, signal });
    });
    this.ready.catch(() => {});
  }

  async classify(bytes, options) {
    return (await this.ready).classify(bytes, options);
  }

  close() {
    this.#closing.abort(closedError('the network'));
    this.ready.then((net) => net.close(), () => {});
  }
}

/**
 * The native engine with infer.wasm in reserve. Wasm is started when the native engine has not
 * loaded within its head start, or cannot be; until it has, both run and the first answer counts.
 * Without a head start the two take the cores from each other: on two cores the first answer then
 * comes later than the native engine's alone (bench/cold-start.mjs).
 */
class HybridClassifier {
  #native;
  #nativeState = 'loading';
  #openWasm;
  #wasm = null;
  #timer;
  #started;
  #giveUpWasm;

  /** Resolves when one of them is ready; rejects as the native engine does when none can be. */
  ready;

  /**
   * @param {object} native has `ready`, `classify` and `close`
   * @param {() => object} openWasm the like
   * @param {number} headStartMs
   */
  constructor(native, openWasm, headStartMs) {
    this.#native = native;
    this.#openWasm = openWasm;
    let start;
    this.#started = new Promise((resolve, reject) => {
      start = resolve;
      this.#giveUpWasm = reject;
    });
    const startWasm = () => start((this.#wasm ??= this.#openWasm()));
    this.#timer = setTimeout(startWasm, headStartMs);
    native.ready.then(
      () => {
        this.#nativeState = 'ready';
        this.#closeWasm();
      },
      () => {
        this.#nativeState = 'failed';
        clearTimeout(this.#timer);
        startWasm();
      },
    );
    const wasmReady = this.#started.then((wasm) => wasm.ready);
    this.ready = Promise.any([native.ready, wasmReady]).catch(() => native.ready);
    this.ready.catch(() => {});
  }

  #closeWasm() {
    clearTimeout(this.#timer);
    this.#giveUpWasm(closedError('the network'));
    this.#wasm?.close();
  }

  /** Where both fail at a picture, the native engine's word counts: Wasm may only trap. */
  async classify(bytes, options) {
    if (this.#nativeState === 'ready') return this.#native.classify(bytes, options);
    if (this.#nativeState === 'failed') return this.#wasm.classify(bytes, options);
    const native = this.#native.classify(bytes, options);
    const wasm = this.#started.then((engine) => engine.classify(bytes, options));
    return Promise.any([native, wasm]).catch(({ errors }) => {
      throw errors[this.#nativeState === 'failed' ? 1 : 0];
    });
  }

  close() {
    this.#closeWasm();
    this.#native.close();
  }
}

/** Counts what an engine does, and when it is ready. */
function measured(engine, name, metrics, log) {
  const since = () => performance.now() / 1000;
  engine.ready.then(
    () => metrics.ready.set(since(), { engine: name }),
    (error) => {
      if (error.code !== 'ERR_CLOSED') log({ msg: 'engine failed', engine: name, error: error.message });
    },
  );
  const { classify } = engine;
  engine.classify = async function (...args) {
    const start = performance.now();
    const predictions = await classify.apply(engine, args);
    metrics.classify.observe((performance.now() - start) / 1000, { engine: name });
    return predictions;
  };
  return engine;
}

const ENGINES = ['native', 'wasm', 'hybrid'];

/**
 * @param {'native'|'wasm'|'hybrid'} kind hybrid: infer.wasm answers where the native engine
 *   takes long to load, until it has, and goes on where that fails
 * @param {string|undefined} source as for MobileNet.load
 * @param {object} options as for MobileNet.load, and `headStartMs` of hybrid's native engine
 * @param {(facts: object) => void} [log] of an engine that cannot be had
 * @returns {{ready: Promise<unknown>, classify: Function, close: Function, metrics: () => string}}
 */
function openEngine(kind, source, options, log = () => {}) {
  const { headStartMs = HEAD_START_MS } = options;
  const metrics = {
    ready: new Values('minnow_engine_ready_seconds', 'From the start of the process, by engine.'),
    classify: new Histogram('minnow_classify_seconds', 'Bytes to classes, by engine.'),
  };
  const open = {
    wasm: () => measured(new WasmClassifier(source, options), 'wasm', metrics, log),
    native: () => measured(new NativeClassifier(source, options), 'native', metrics, log),
    hybrid: () => new HybridClassifier(open.native(), open.wasm, headStartMs),
  };
  const engine = open[kind]();
  return {
    ready: engine.ready,
    classify: (bytes, params) => engine.classify(bytes, params),
    close: () => engine.close(),
    metrics: () => textOf(Object.values(metrics)),
  };
}

module.exports = { ENGINES, HybridClassifier, openEngine };
