// How does ONNX Runtime serve guests that cannot wait? A wasi-nn backend over onnxruntime-node.
'use strict';

const path = require('node:path');
const { MessageChannel, Worker, receiveMessageOnPort } = require('node:worker_threads');
const { MinnowError } = require('./errors.js');
const validate = require('./validate.js');

const PACKAGE = 'onnxruntime-node';
const FORMATS = ['onnx', 'autodetect', 'tensorflow', 'ggml']; // numbers that have meant ONNX
const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * Calls into a worker and waits for the answer. onnxruntime-node has promises only, guests have
 * none: so it runs in a worker while this thread sleeps in Atomics.wait. Those are the few lines
 * that synckit would be a dependency for; its default of one shared worker a module, its
 * resolution of TypeScript loaders and its registry of serialisers are of no use here.
 */
class SyncWorker {
  #worker;
  #port;
  #signal = new Int32Array(new SharedArrayBuffer(4));
  #timeout;
  #calls = 0;

  constructor(file, workerData, timeout) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#timeout = timeout;
    this.#worker = new Worker(file, {
      workerData: { ...workerData, port: port2, signal: this.#signal },
      transferList: [port2],
      stdout: true,
      stderr: true,
    });
    // Neither may keep the process alive.
    this.#worker.unref();
    this.#port.unref();
    this.#worker.on('error', () => {});
  }

  /** @returns what the worker answers; throws what it threw, as a MinnowError */
  call(method, ...args) {
    if (this.#worker === null) throw new MinnowError('the backend is closed', 'ERR_CLOSED');
    const id = ++this.#calls;
    const before = Atomics.load(this.#signal, 0);
    this.#port.postMessage({ id, method, args });
    // The count may have changed already: then this does not wait.
    if (Atomics.wait(this.#signal, 0, before, this.#timeout) === 'timed-out') {
      this.close();
      throw new MinnowError(`${PACKAGE}: no answer within ${this.#timeout} ms`, 'ERR_INTERNAL');
    }
    const answer = receiveMessageOnPort(this.#port)?.message;
    if (answer?.id !== id) throw new MinnowError(`${PACKAGE}: an answer is lost`, 'ERR_INTERNAL');
    const { error, value } = answer;
    if (error) throw new MinnowError(`${PACKAGE}: ${error.message}`, error.code);
    return value;
  }

  close() {
    this.#worker?.terminate();
    this.#port?.close();
    this.#worker = null;
  }
}

/**
 * A backend for `new WasiNN({ backends })` that runs any ONNX model with onnxruntime-node, an
 * optional package that the application installs: 1.30 or newer, since older ones load in one
 * worker of a process's life only. Its worker starts with the first model; that is when a missing
 * package shows, as ERR_NOT_FOUND.
 *
 * @param {object} [options]
 * @param {number} [options.threads] threads of one inference, 1 to 256; default: its own choice
 * @param {string} [options.from] a folder whose node_modules have the package; default: beside
 *   minnow, else the process's working folder
 * @param {number} [options.timeout=120000] milliseconds for one load or inference; then the worker
 *   is ended, and later calls fail
 * @returns {object} a backend, see wasi-nn-backend.js
 */
function onnxRuntimeBackend(options) {
  const given = validate.options(options);
  const threads = validate.integer(given.threads, 'threads', 1, 256, 0);
  const timeout = validate.integer(given.timeout, 'timeout', 1, 2 ** 31 - 1, DEFAULT_TIMEOUT_MS);
  const { from = process.cwd() } = given;
  if (!validate.is.string(from)) throw validate.wrongType('a string', 'from', from);
  const file = path.join(__dirname, 'wasi-nn-onnxruntime-worker.js');
  let worker = null;
  return {
    name: 'onnxruntime',
    load(parts, encoding) {
      if (!FORMATS.includes(encoding) || parts.length !== 1) return null;
      const workerData = { name: PACKAGE, threads, root: path.resolve(from) };
      worker ??= new SyncWorker(file, workerData, timeout);
      const own = worker;
      const { graph, inputs, outputs } = own.call('load', parts[0]);
      return {
        format: 'onnx',
        bytes: parts[0].length,
        inputs,
        outputs,
        createContext: () => ({ compute: (feeds) => own.call('compute', graph, feeds) }),
        close: () => own.call('unload', graph),
      };
    },
    /** Ends the worker. */
    close() {
      worker?.close();
      worker = null;
    },
  };
}

module.exports = { onnxRuntimeBackend };
