// The worker that runs one WASI program for runGuest.
'use strict';

const { parentPort, workerData } = require('node:worker_threads');
const { MinnowError } = require('./errors.js');
const { loadWasi } = require('./node-wasi.js');
const { WasiNN } = require('./wasi-nn.js');
const { limitMemory } = require('./wasm-memory.js');

function compile(bytes) {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw new MinnowError(`${workerData.name}: ${error.message}`, 'ERR_INVALID_ARGUMENT');
  }
}

function instantiate(module, imports) {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError) && !(error instanceof TypeError)) throw error;
    throw new MinnowError(`${workerData.name}: ${error.message}`, 'ERR_UNSUPPORTED');
  }
}

function main(nn) {
  const { name, bytes, args, env, preopens, fds, maxMemory } = workerData;
  const WASI = loadWasi();
  const [stdin, stdout, stderr] = fds;
  const wasi = new WASI({
    version: 'preview1',
    args: [name, ...args],
    env,
    preopens,
    stdin,
    stdout,
    stderr,
    returnOnExit: true,
  });
  const whole = compile(bytes);
  const module = maxMemory === null ? whole : compile(limitMemory(bytes, maxMemory));
  if (!WebAssembly.Module.exports(module).some((item) => item.name === '_start')) {
    throw new MinnowError(`${name}: it exports no _start`, 'ERR_INVALID_ARGUMENT');
  }
  const instance = instantiate(module, { ...wasi.getImportObject(), ...nn.getImportObject() });
  return nn.start(wasi, instance) ?? 0;
}

function report(error) {
  // A RangeError without a code is a stack that ran over.
  const trapped = error instanceof WebAssembly.RuntimeError ||
    (error instanceof RangeError && error.code === undefined);
  if (trapped) return { message: `the guest trapped: ${error.message}`, code: 'ERR_GUEST_TRAP' };
  return { message: String(error?.message ?? error), code: error?.code ?? 'ERR_INTERNAL' };
}

let nn = null;
let answer;
try {
  nn = new WasiNN(workerData.host);
  answer = { exitCode: main(nn) };
} catch (error) {
  answer = { error: report(error) };
}
parentPort.postMessage({ ...answer, lastError: nn?.lastError ?? '' });
nn?.close();
