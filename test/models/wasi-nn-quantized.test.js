// Do guests reach quantised networks through wasi-nn, with bytes and with floats?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const test = require('node:test');
const { dataFile, skipWithout } = require('../lib/support/data.js');
const { ENCODING, Guest } = require('../wasm/support/guest.js');

const MODEL = 'models/mobilenet_v1_0.25_128_quant.tflite';
const DIMS = [1, 128, 128, 3];
const CLASSES = 1001;
const F32 = 1;
// u8 in the numbering before and since 2023, told apart by the bytes per element.
const U8 = { old: 2, now: 3 };

const skip = skipWithout(MODEL);

/** Scores of a run on `data`, given as tensor type `type`. */
function scores(guest, context, data, type) {
  assert.equal(guest.setInput(context, 0, DIMS, data, type), 0, guest.nn.lastError);
  assert.equal(guest.exports.compute(context), 0, guest.nn.lastError);
  const { code, written, data: bytes } = guest.getOutput(context, 0, CLASSES);
  assert.deepEqual([code, written], [0, CLASSES]);
  return bytes;
}

test('a guest gives a quantised network its bytes, or floats that the host quantises', { skip }, () => {
  const guest = new Guest();
  const bytes = fs.readFileSync(dataFile(MODEL));
  const [code, graph] = guest.load([bytes], ENCODING.autodetect);
  assert.equal(code, 0, guest.nn.lastError);
  const { scales: [scale], zeroPoints: [zero] } = quantisation();
  const [, context] = guest.init(graph);
  const pixels = Uint8Array.from({ length: 128 * 128 * 3 }, (_, i) => (i * 31 + (i >> 7)) % 256);
  const wanted = scores(guest, context, pixels, U8.old);
  assert.ok(wanted.some((value) => value > 0));
  assert.deepEqual(scores(guest, context, pixels, U8.now), wanted);
  const floats = Float32Array.from(pixels, (pixel) => scale * (pixel - zero));
  assert.deepEqual(scores(guest, context, floats, F32), wanted);
});

function quantisation() {
  const { Model } = require('../../lib/index.js');
  const model = Model.loadSync(dataFile(MODEL));
  const [{ quantization }] = model.inputs;
  model.close();
  return quantization;
}
