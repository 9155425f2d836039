// Who can run a network, tensor in, tensor out? minnow, and the peers that are installed.
'use strict';

const path = require('node:path');
const { Model } = require('../model.js');
const { peer } = require('./peers.js');

// Inputs are rotated, so that no contender profits from the last one still being in a cache.
const INPUTS = 4;

/** Floats of a normal-like distribution, the same in every run. */
function makeInput(length, seed) {
  const data = new Float32Array(length);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let j = 0; j < 3; j++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 31 - 1;
    }
    data[i] = sum;
  }
  return data;
}

/** Feeds of every input of a model, with a batch of one: [{name: {data, shape}}]. */
function makeFeeds(model) {
  const feed = ({ dtype, shape }, seed) => {
    const dims = shape.map((dim) => (dim < 0 ? 1 : dim));
    const floats = makeInput(dims.reduce((product, dim) => product * dim, 1), seed);
    if (dtype === 'f32') return { data: floats, shape: dims };
    if (dtype === 'u8') return { data: Uint8Array.from(floats, (x) => 128 + 40 * x), shape: dims };
    return { data: Int8Array.from(floats, (x) => 40 * x), shape: dims };
  };
  return Array.from({ length: INPUTS }, (_, i) =>
    Object.fromEntries(model.inputs.map((input) => [input.name, feed(input, i + 1)])));
}

/** ONNX Runtime, native or in WebAssembly, on the same file and the same inputs. */
async function onnxRuntime(name, file, feeds, threads) {
  const ort = peer(name);
  if (ort === null || (name === 'onnxruntime-web' && threads !== 1)) return null;
  if (name === 'onnxruntime-web') ort.env.wasm.numThreads = 1;
  const options = name === 'onnxruntime-web'
    ? { executionProviders: ['wasm'] }
    : { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const session = await ort.InferenceSession.create(file, options);
  const kinds = { Float32Array: 'float32', Uint8Array: 'uint8', Int8Array: 'int8' };
  const tensors = feeds.map((feed) => Object.fromEntries(
    Object.entries(feed).map(([input, { data, shape }]) =>
      [input, new ort.Tensor(kinds[data.constructor.name], data, shape)]),
  ));
  return {
    name,
    run: (count) => session.run(tensors[count % INPUTS]),
    close: () => session.release(),
  };
}

/** The file that a model came from, if a peer can read it. */
function onnxFile(source, model) {
  if (model.format !== 'onnx') return null;
  const { catalogEntry } = model;
  if (catalogEntry !== null) return path.join(catalogEntry.dir, catalogEntry.files[0]);
  return typeof source === 'string' ? source : null;
}

/** minnow by that name: by run() if `later`, else by runSync(). */
function minnow(name, model, feeds, later) {
  const run = later
    ? (count) => model.run(feeds[count % INPUTS])
    : (count) => model.runSync(feeds[count % INPUTS]);
  return { name, run, close: () => model.close(), model };
}

/** Does it compute with integers? */
const isQuantized = (model) =>
  / = Q(Conv2D|FullyConnected)\(/.test(model.describe().graphs.optimized);

/**
 * @param {string|Uint8Array} source a file, a catalog name, or the bytes
 * @param {{threads: number, peers?: boolean, async?: boolean, load?: object}} options `threads` of
 *   each contender; `async`: minnow by run() instead of runSync(); `load`: further options of it
 * @returns {Promise<Array<{name: string, run: Function, close: Function, model?: Model}>>} minnow
 *   first; of a quantised network its float form next
 */
async function networkContenders(source, { threads, peers = true, async: later = false, load }) {
  const model = await Model.load(source, { ...load, threads });
  const feeds = makeFeeds(model);
  const contenders = [minnow('minnow', model, feeds, later)];
  if (isQuantized(model)) {
    const floats = await Model.load(source, { ...load, threads, precision: 'fp32' });
    contenders.push(minnow('minnow, in floats', floats, feeds, later));
  }
  const file = peers ? onnxFile(source, model) : null;
  for (const name of file === null ? [] : ['onnxruntime-node', 'onnxruntime-web']) {
    const contender = await onnxRuntime(name, file, feeds, threads);
    if (contender !== null) contenders.push(contender);
  }
  return contenders;
}

module.exports = { INPUTS, makeFeeds, networkContenders };
