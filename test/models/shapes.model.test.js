// Is shapes.onnx the file that model.json describes, with its weights as halve.py stores them?
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { Model } = require('../../lib/index.js');
const { message } = require('../lib/support/onnx.js');
const { temporaryFolder } = require('../lib/support/pictures.js');

const SHAPES = path.join(__dirname, '..', '..', 'models', 'shapes');
const FLOAT = 1;
const HALF = 10;

const bytes = fs.readFileSync(path.join(SHAPES, 'shapes.onnx'));
const hasPython = spawnSync('python3', ['--version']).status === 0;
const skip = !hasPython && 'no python3';

/** What halve.py makes of an ONNX file. */
function halve(t, model) {
  const folder = temporaryFolder(t);
  const [from, to] = ['from.onnx', 'to.onnx'].map((name) => path.join(folder, name));
  fs.writeFileSync(from, model);
  const { status, stderr } = spawnSync('python3', [path.join(SHAPES, 'halve.py'), from, to], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return fs.readFileSync(to);
}

const floats = (...values) => Buffer.from(new Float32Array(values).buffer);
const tensor = (name, type, dims, data) =>
  message(...dims.map((dim) => [1, dim]), [2, type], [8, name], [9, data]);

/** y = x [1,2] times w [2,2] plus b [2]. */
function gemm(initializers, nodes = []) {
  const node = message([1, 'x'], [1, 'w'], [1, 'b'], [2, 'y'], [4, 'Gemm']);
  const dims = message([1, message([1, 1])], [1, message([1, 2])]);
  const type = message([1, message([1, FLOAT], [2, dims])]);
  const graph = message(...[...nodes, node].map((one) => [1, one]), [2, 'g'],
    ...initializers.map((one) => [5, one]), [11, message([1, 'x'], [2, type])], [12, message([1, 'y'])]);
  return message([1, 7], [7, graph], [8, message([2, 13])]);
}

const BIASES = tensor('b', FLOAT, [2], floats(0.1, -0.1));

test('model.json has the size and the checksum of shapes.onnx', () => {
  const entry = JSON.parse(fs.readFileSync(path.join(SHAPES, 'model.json'), 'utf8'));
  assert.equal(bytes.length, entry.bytes);
  assert.equal(crypto.createHash('sha256').update(bytes).digest('hex'), entry.sha256);
});

test('halve.py leaves shapes.onnx as it is', { skip }, (t) => {
  assert.ok(halve(t, bytes).equals(bytes));
});

test('halve.py makes float16 of weights, not of biases, with a Cast before what reads them', { skip }, (t) => {
  const halved = halve(t, gemm([tensor('w', FLOAT, [2, 2], floats(1, 2.0004, -0.5, 65504)), BIASES]));
  const weights = Buffer.from(new Uint16Array([0x3c00, 0x4000, 0xb800, 0x7bff]).buffer);
  const to = message([1, 'to'], [3, FLOAT], [20, 2]);
  const cast = message([1, 'w_half'], [2, 'w'], [3, 'Cast_w'], [4, 'Cast'], [5, to]);
  assert.deepEqual(halved, gemm([tensor('w_half', HALF, [2, 2], weights), BIASES], [cast]));
});

test('a file that halve.py made gives what its rounded weights give', { skip }, (t) => {
  const run = (model) => {
    const network = Model.loadSync(model);
    const { y } = network.runSync({ x: Float32Array.of(3, -2) });
    network.close();
    return [...y.data];
  };
  const of = (...weights) => gemm([tensor('w', FLOAT, [2, 2], floats(...weights)), BIASES]);
  // The second is the smallest number above zero that float16 has, the third is rounded.
  const halved = halve(t, of(1, 2 ** -24, 2.0004, -0.25));
  assert.deepEqual(run(halved), run(of(1, 2 ** -24, 2, -0.25)));
});
