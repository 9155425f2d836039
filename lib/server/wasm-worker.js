// The thread that infer.wasm runs on: one model, pictures in, classes out.
'use strict';

const { parentPort, workerData } = require('node:worker_threads');
const { readGuest } = require('../guest-files.js');
const { getPrediction } = require('../guest-memory.js');
const { readFileSync } = require('../io.js');
const { loadWasi } = require('../node-wasi.js');

const { kind } = workerData;
const WASI = loadWasi();
const compiled = new WebAssembly.Module(readGuest('infer.wasm'));
const model = typeof workerData.model === 'string' ? readFileSync(workerData.model) : workerData.model;
let instance = null;

/** An instance that has the model compiled: it does that before it looks at the picture. */
function start() {
  const wasi = new WASI({ version: 'preview1' });
  const made = new WebAssembly.Instance(compiled, wasi.getImportObject());
  wasi.start(made);
  made.exports.set_preprocess(kind);
  try {
    getPrediction(model, new Uint8Array(1), made);
  } catch (error) {
    if (error.code !== 'ERR_INVALID_IMAGE') throw error;
  }
  return made;
}

function classify(bytes, topK) {
  instance ??= start();
  const { exports } = instance;
  exports.set_top_k(topK);
  getPrediction(model, bytes, instance);
  const predictions = [];
  for (let rank = 0; rank < topK && exports.class_at(rank) > 0; rank++) {
    const index = exports.class_at(rank) - 1;
    predictions.push({ index, probability: exports.probability_at(rank) });
  }
  return predictions;
}

const describe = (error) => ({ message: error.message, code: error.code ?? 'ERR_INTERNAL' });

try {
  instance = start();
  parentPort.postMessage({ id: 'ready', classes: instance.exports.class_count() || -1 });
} catch (error) {
  parentPort.postMessage({ id: 'ready', error: describe(error) });
}
parentPort.on('message', ({ id, bytes, topK }) => {
  try {
    parentPort.postMessage({ id, predictions: classify(bytes, topK) });
  } catch (error) {
    // A damaged picture may have left the instance in any state.
    if (error.code === 'ERR_GUEST_TRAP') instance = null;
    parentPort.postMessage({ id, error: describe(error) });
  }
});
