// Does infer.wasm, the engine as a guest, do under node:wasi what the 2020 demo's module did?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MinnowError, MobileNet, getPrediction } = require('../../lib/index.js');
const { dataFile, skipWithout } = require('../lib/support/data.js');
const { draw, png } = require('../lib/support/pictures.js');
const { guestBytes, startInfer } = require('./support/guests.js');

const SHAPES = path.join(__dirname, '..', '..', 'models', 'shapes');
const MODEL = 'models/mobilenet_v2_1.0_224_frozen.pb';
const LABELS = 'models/imagenet_labels_1001.txt';
// Numbers of set_preprocess.
const TF = 1;

const shapes = fs.readFileSync(path.join(SHAPES, 'shapes.onnx'));
const labels = path.join(SHAPES, 'labels.txt');

/** A started guest that preprocesses as the shapes model wants it. */
function startForShapes() {
  const instance = startInfer();
  instance.exports.set_preprocess(TF);
  return instance;
}

function shapesError(image, model = shapes, instance = startForShapes()) {
  try {
    getPrediction(model, image, instance, labels);
  } catch (error) {
    assert.ok(error instanceof MinnowError, String(error));
    return error;
  }
  return assert.fail('no error');
}

test('infer.wasm exports what the demo calls, and imports WASI only', () => {
  const module = new WebAssembly.Module(guestBytes('infer.wasm'));
  const names = WebAssembly.Module.exports(module).map((item) => item.name);
  for (const name of ['memory', '_start', 'alloc', 'infer_from_ptrs']) assert.ok(names.includes(name), name);
  assert.ok(!names.includes('_initialize'));
  const modules = new Set(WebAssembly.Module.imports(module).map((item) => item.module));
  assert.deepEqual([...modules], ['wasi_snapshot_preview1']);
});

test('infer.wasm stays below 2.2 MB', () => {
  assert.ok(guestBytes('infer.wasm').length < 2.2e6);
});

for (const [image, label] of [
  ['golden-retriever.jpeg', 'golden retriever'],
  ['husky.jpeg', 'Eskimo dog, husky'],
]) {
  const skip = skipWithout(MODEL, LABELS, `images/${image}`);
  test(`infer.wasm sees ${label} in ${image} with the frozen graph`, { skip }, () => {
    const model = fs.readFileSync(dataFile(MODEL));
    const bytes = fs.readFileSync(dataFile('images', image));
    assert.equal(getPrediction(model, bytes, startInfer(), dataFile(LABELS)), label);
  });
}

test('infer.wasm gives the classes that the native engine gives', async () => {
  const net = await MobileNet.load('shapes');
  const instance = startForShapes();
  for (let seed = 1; seed <= 20; seed++) {
    const image = png(seed, 80 + 7 * seed);
    const [best] = net.classifySync(image, { topK: 1 });
    assert.equal(getPrediction(shapes, image, instance, labels), best.label, `seed ${seed}`);
  }
  net.close();
});

test('infer.wasm counts classes from 1', async () => {
  const { label } = draw(3);
  const names = fs.readFileSync(labels, 'utf8').trim().split('\n');
  assert.deepEqual(getPrediction(shapes, png(3), startForShapes()), { index: names.indexOf(label) });
});

test('infer.wasm keeps the best classes of the last call, as many as asked for', async () => {
  const net = await MobileNet.load('shapes');
  const { exports } = startForShapes();
  const instance = { exports };
  assert.deepEqual([exports.class_count(), exports.class_at(0), exports.probability_at(0)], [0, 0, 0]);
  exports.set_top_k(4);
  getPrediction(shapes, png(5), instance);
  assert.equal(exports.class_count(), 10);
  const wanted = net.classifySync(png(5), { topK: 4 });
  for (const [rank, { index, probability }] of wanted.entries()) {
    assert.equal(exports.class_at(rank), index + 1);
    assert.ok(Math.abs(exports.probability_at(rank) - probability) < 1e-5);
  }
  for (const rank of [4, -1, 2 ** 31]) assert.deepEqual([exports.class_at(rank), exports.probability_at(rank)], [0, 0]);
  shapesError(Buffer.from('none'), shapes, instance);
  assert.equal(exports.class_at(0), 0, 'a failure leaves no classes behind');
  net.close();
});

test('infer.wasm needs no memory for calls after the first ones', () => {
  const instance = startForShapes();
  const call = () => getPrediction(shapes, png(2, 200), instance);
  for (let i = 0; i < 3; i++) call();
  const before = instance.exports.memory.buffer.byteLength;
  for (let i = 0; i < 40; i++) call();
  assert.equal(instance.exports.memory.buffer.byteLength, before);
});

test('infer.wasm needs no memory for failures after the first ones', () => {
  const instance = startForShapes();
  const other = Buffer.concat([shapes, Buffer.from([0xff])]);
  const call = () => {
    shapesError(Buffer.alloc(50000), shapes, instance);
    shapesError(png(1), other, instance);
    getPrediction(shapes, png(1), instance);
  };
  for (let i = 0; i < 10; i++) call();
  const before = instance.exports.memory.buffer.byteLength;
  for (let i = 0; i < 20; i++) call();
  assert.equal(instance.exports.memory.buffer.byteLength, before);
});

test('infer.wasm can be called without _start, by a host with a WASI of its own', () => {
  const module = new WebAssembly.Module(guestBytes('infer.wasm'));
  // No environment, no files: all calls succeed and write nothing.
  const functions = WebAssembly.Module.imports(module).map(({ name }) => [name, () => 0]);
  const imports = { wasi_snapshot_preview1: Object.fromEntries(functions) };
  const instance = new WebAssembly.Instance(module, imports);
  assert.equal(shapesError(Buffer.from('x'), shapes, instance).code, 'ERR_INVALID_IMAGE');
});

test('bytes that are no picture give ERR_INVALID_IMAGE, no model ERR_INVALID_MODEL', () => {
  const error = shapesError(Buffer.from('neither JPEG nor PNG'));
  assert.equal(error.code, 'ERR_INVALID_IMAGE');
  assert.match(error.message, /neither JPEG nor PNG/);
  assert.equal(shapesError(png(1), Buffer.alloc(100)).code, 'ERR_INVALID_MODEL');
  assert.equal(shapesError(png(1), shapes.subarray(0, 5000)).code, 'ERR_INVALID_MODEL');
});

test('a truncated PNG traps or fails as a MinnowError', () => {
  const whole = png(1);
  for (const length of [0, 8, 20, 60, whole.length >> 1, whole.length - 4]) {
    const error = shapesError(whole.subarray(0, length));
    assert.match(error.code, /^ERR_(GUEST_TRAP|INVALID_IMAGE)$/, `${length} bytes`);
    if (error.code === 'ERR_GUEST_TRAP') assert.ok(error.cause instanceof WebAssembly.RuntimeError);
  }
});

test('a truncated JPEG traps or fails as a MinnowError', { skip: skipWithout('images/husky.jpeg') }, () => {
  const whole = fs.readFileSync(dataFile('images', 'husky.jpeg'));
  for (const length of [3, 100, 2000, whole.length >> 1, whole.length - 10]) {
    const error = shapesError(whole.subarray(0, length));
    assert.match(error.code, /^ERR_(GUEST_TRAP|INVALID_IMAGE)$/, `${length} bytes`);
  }
});
