// Does ONNX Runtime serve guests, and is it missed politely?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { onnxRuntimeBackend } = require('../../lib/wasi-nn-onnxruntime.js');
const { CODES, ENCODING, Guest } = require('../wasm/support/guest.js');

const ROOT = path.join(__dirname, '..', '..');
const SHAPES = fs.readFileSync(path.join(ROOT, 'models', 'shapes', 'shapes.onnx'));
const PEERS = path.join(ROOT, 'bench', 'peers');
const DIMS = [1, 3, 96, 96];

function missing() {
  try {
    createRequire(path.join(PEERS, 'package.json')).resolve('onnxruntime-node');
    return false;
  } catch {
    return 'no onnxruntime-node in bench/peers';
  }
}
const skip = missing();

function guestWith(t, options) {
  const backend = onnxRuntimeBackend({ from: PEERS, ...options });
  t.after(() => backend.close());
  return new Guest({ backends: [backend] });
}

test('ONNX Runtime gives a guest what minnow gives', { skip }, (t) => {
  const picture = Float32Array.from({ length: 3 * 96 * 96 }, (_, i) => Math.cos(i * 0.003));
  const [theirs, ours] = [guestWith(t, { threads: 1 }), new Guest()].map((guest) => {
    assert.deepEqual(guest.load([SHAPES], ENCODING.onnx), [0, 0], guest.nn.lastError);
    assert.deepEqual(guest.init(0), [0, 0]);
    return guest.infer(0, DIMS, picture, 10);
  });
  theirs.forEach((value, i) => assert.ok(Math.abs(value - ours[i]) < 1e-4 * (1 + Math.abs(value))));
});

test('its graphs are described, batched and let go', { skip }, (t) => {
  const guest = guestWith(t);
  guest.load([SHAPES], ENCODING.autodetect);
  const { backend, format, inputs } = guest.nn.describe(0);
  assert.deepEqual([backend, format, inputs[0].dtype], ['onnxruntime', 'onnx', 'f32']);
  guest.init(0);
  for (let run = 0; run < 3; run++) guest.infer(0, DIMS, new Float32Array(27648), 10);
  assert.equal(guest.exports.unload(0), 0);
  assert.equal(guest.exports.finalize_execution_context(0), 0);
  assert.deepEqual(guest.load([SHAPES], ENCODING.onnx), [0, 1]);
});

test('models that it refuses are codes, and the worker lives on', { skip }, (t) => {
  const guest = guestWith(t);
  assert.equal(guest.load([Buffer.from('nonsense')], ENCODING.onnx)[0], CODES.runtimeError);
  assert.match(guest.nn.lastError, /onnxruntime-node/);
  assert.equal(guest.load([SHAPES], ENCODING.onnx)[0], 0);
  assert.equal(guest.setInput(9, 0, DIMS, new Float32Array(27648)), CODES.invalidArgument);
});

test('without the package a load is not_found and says what to install', (t) => {
  const from = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-ort-'));
  t.after(() => fs.rmSync(from, { recursive: true }));
  try {
    require.resolve('onnxruntime-node');
    t.skip('onnxruntime-node is installed beside minnow');
    return;
  } catch {
    // As it should be.
  }
  const backend = onnxRuntimeBackend({ from });
  t.after(() => backend.close());
  const guest = new Guest({ backends: [backend] });
  assert.equal(guest.load([SHAPES], ENCODING.onnx)[0], CODES.notFound);
  assert.match(guest.nn.lastError, /npm install onnxruntime-node/);
});

test('other formats are left to other backends', () => {
  const backend = onnxRuntimeBackend();
  assert.equal(backend.load([SHAPES], 'tensorflowlite', 'cpu'), null);
  assert.equal(backend.load([SHAPES, SHAPES], 'openvino', 'cpu'), null);
  assert.throws(() => onnxRuntimeBackend({ threads: 0 }), RangeError);
});
