// How does a WASI program with wasi-nn run from start to end, off the event loop?
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { fileURLToPath } = require('node:url');
const { Worker } = require('node:worker_threads');
const { MinnowError } = require('./errors.js');
const { isGuestName, readGuest } = require('./guest-files.js');
const { readFile } = require('./io.js');
const validate = require('./validate.js');

const OPTIONS = [
  'args', 'env', 'preopens', 'models', 'stdin', 'stdio', 'signal', 'timeout', 'maxMemory', 'wasiNn',
];
const NAMES = ['stdin', 'stdout', 'stderr'];
const STDIO = ['capture', 'inherit'];
const MAX_TIMEOUT_MS = 2 ** 31 - 1; // what timers take
const MAX_MEMORY = 2 ** 32; // what a module can address
const MAX_CAPTURED = 64 << 20;

function stringMap(value, name) {
  const map = validate.options(value, name);
  if (!Object.values(map).every((item) => typeof item === 'string')) {
    throw validate.wrongType('an object of strings', name, value);
  }
  return { ...map };
}

/** Models as they can be sent to a worker, which URLs cannot. */
function cloneable(models) {
  if (validate.is.url(models)) return fileURLToPath(models);
  if (Array.isArray(models)) return models.map(cloneable);
  const isPlain = models && Object.getPrototypeOf(models) === Object.prototype;
  if (!isPlain) return models;
  return Object.fromEntries(Object.entries(models).map(([key, item]) => [key, cloneable(item)]));
}

function checkOptions(value) {
  const options = validate.options(value);
  for (const key of Object.keys(options)) {
    if (!OPTIONS.includes(key)) throw validate.outOfRange(`only ${OPTIONS.join(', ')}`, 'options', key);
  }
  const { args = [], stdin = '' } = options;
  if (!validate.is.strings(args)) throw validate.wrongType('an array of strings', 'args', args);
  if (typeof stdin !== 'string' && !validate.is.bytes(stdin)) {
    throw validate.wrongType('a string or a Uint8Array', 'stdin', stdin);
  }
  return {
    args,
    stdin,
    env: stringMap(options.env, 'env'),
    preopens: stringMap(options.preopens, 'preopens'),
    stdio: validate.oneOf(options.stdio, 'stdio', STDIO, 'capture'),
    signal: validate.signal(options.signal),
    timeout: validate.integer(options.timeout, 'timeout', 1, MAX_TIMEOUT_MS, 0),
    maxMemory: validate.integer(options.maxMemory, 'maxMemory', 0, MAX_MEMORY, null),
    host: { ...validate.options(options.wasiNn, 'wasiNn'), models: cloneable(options.models) },
  };
}

/** The bytes of a guest and what it is called; a file goes before a guest of ours. */
async function readSource(source, signal) {
  if (validate.is.bytes(source)) return { bytes: source, name: 'guest.wasm' };
  const isFile = validate.is.string(source) || validate.is.url(source);
  if (!isFile) {
    const expected = 'a path, a file: URL, a Uint8Array or the name of a guest of minnow';
    throw validate.wrongType(expected, 'guest', source);
  }
  const file = validate.is.url(source) ? fileURLToPath(source) : source;
  if (isGuestName(source) && !fs.existsSync(source)) {
    return { bytes: readGuest(source), name: source };
  }
  return { bytes: await readFile(file, signal), name: path.basename(file) };
}

/** Three files that stand for the standard streams: node:wasi takes file descriptors only. */
class Streams {
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-guest-'));
  fds = [];

  constructor(stdin) {
    try {
      fs.writeFileSync(this.#file(0), stdin);
      this.fds = NAMES.map((_, i) => fs.openSync(this.#file(i), i === 0 ? 'r' : 'w'));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #file(index) {
    return path.join(this.#folder, NAMES[index]);
  }

  text(index) {
    const { size } = fs.statSync(this.#file(index));
    if (size > MAX_CAPTURED) {
      throw new MinnowError(
        `the guest wrote ${size} bytes to ${NAMES[index]}; at most ${MAX_CAPTURED} are captured`,
        'ERR_OUT_OF_MEMORY',
      );
    }
    return fs.readFileSync(this.#file(index), 'utf8');
  }

  close() {
    for (const fd of this.fds) fs.closeSync(fd);
    this.fds = [];
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

function timedOut(timeout) {
  const message = `the guest has not ended within ${timeout} ms`;
  return { error: { message, code: 'ERR_GUEST_TIMEOUT' }, lastError: '' };
}

/** What the worker says at its end: {lastError} with {exitCode} or {error: {message, code}}. */
function runWorker(workerData, { signal, timeout }) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(path.join(__dirname, 'guest-worker.js'), { workerData });
    const abort = () => worker.terminate();
    let answer = null;
    let failure = null;
    const expire = () => {
      answer ??= timedOut(timeout);
      worker.terminate();
    };
    const timer = timeout > 0 ? setTimeout(expire, timeout) : undefined;
    signal?.addEventListener('abort', abort, { once: true });
    worker.on('message', (message) => (answer ??= message));
    worker.on('error', (error) => (failure = error));
    worker.on('exit', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      if (signal?.aborted && answer === null) reject(signal.reason);
      else if (failure !== null) reject(failure);
      else if (answer === null) reject(new MinnowError('the worker has ended', 'ERR_INTERNAL'));
      else resolve(answer);
    });
  });
}

/**
 * Runs a WASI program (preview 1, a `_start` export) in a Worker, with wasi-nn.
 *
 * The program sees the files under `preopens` and nothing else by WASI's own rules; Node.js says
 * of its WASI that it is no sandbox for untrusted code.
 *
 * @param {string|URL|Uint8Array} guest the .wasm file; where there is none of that name, as for
 *   {@link readGuest}
 * @param {object} [options]
 * @param {string[]} [options.args] after the program's name
 * @param {Object<string, string>} [options.env] environment; default: empty
 * @param {Object<string, string>} [options.preopens] folders by the guest's name for them
 * @param {Object<string, *>} [options.models] as for {@link WasiNN}: what `load_by_name` finds
 * @param {object} [options.wasiNn] further options of {@link WasiNN}; backends by name only
 * @param {string|Uint8Array} [options.stdin]
 * @param {'capture'|'inherit'} [options.stdio='capture'] 'inherit': the process's own streams
 * @param {AbortSignal} [options.signal] ends the guest; rejects with its reason
 * @param {number} [options.timeout] milliseconds, from 1: ends a guest that has not ended by then.
 *   Default: none
 * @param {number} [options.maxMemory] bytes that the guest's memory may grow to, in whole pages of
 *   65536; `memory.grow` beyond fails in the guest. Default: what the module says, 4 GiB at most
 * @returns {Promise<{exitCode: number, stdout: string, stderr: string, lastError: string}>}
 *   `lastError` of the WasiNN
 * @throws {MinnowError} ERR_GUEST_TRAP and ERR_GUEST_TIMEOUT, with `stdout`, `stderr` and
 *   `lastError`, when it traps or its time is over; ERR_OUT_OF_MEMORY (it begins with more than
 *   `maxMemory`, or wrote more than 64 MiB that were to be captured);
 *   ERR_INVALID_ARGUMENT (no WebAssembly, no `_start`), ERR_UNSUPPORTED (unknown imports),
 *   ERR_NOT_FOUND, and those of new WasiNN()
 * @example
 * const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]); // a module with nothing in it
 * await runGuest(bytes).catch((error) => console.log(error.code));
 */
async function runGuest(guest, options) {
  const { stdin, stdio, signal, timeout, ...rest } = checkOptions(options);
  signal?.throwIfAborted();
  const { bytes, name } = await readSource(guest, signal);
  const streams = stdio === 'capture' ? new Streams(stdin) : null;
  try {
    const fds = streams?.fds ?? [0, 1, 2];
    const answer = await runWorker({ ...rest, name, bytes, fds }, { signal, timeout });
    const captured = { stdout: streams?.text(1) ?? '', stderr: streams?.text(2) ?? '' };
    const { exitCode, error, lastError } = answer;
    if (error === undefined) return { exitCode, ...captured, lastError };
    throw Object.assign(new MinnowError(error.message, error.code), captured, { lastError });
  } finally {
    streams?.close();
  }
}

module.exports = { runGuest };
