// Does the host hold from inside real WebAssembly: results, memory that grows, is shared, or huge?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { Model } = require('../../lib/index.js');
const { dataFile, readNpy, skipWithout } = require('../lib/support/data.js');
const { CODES, ENCODING, Guest } = require('./support/guest.js');

const SHAPES = fs.readFileSync(path.join(__dirname, '..', '..', 'models', 'shapes', 'shapes.onnx'));
const DIMS = [1, 3, 96, 96];
const CLASSES = 10;
const picture = (seed = 0) =>
  Float32Array.from({ length: 3 * 96 * 96 }, (_, i) => Math.sin(i * 0.01 + seed));
const expected = (input) => {
  const model = Model.loadSync('shapes');
  const [output] = Object.values(model.runSync({ input: { data: input, shape: DIMS } }));
  model.close();
  return output.data;
};

function ready(options, memory, imported) {
  const guest = new Guest(options, memory, imported);
  assert.deepEqual(guest.load([SHAPES], ENCODING.onnx), [0, 0]);
  assert.deepEqual(guest.init(0), [0, 0]);
  return guest;
}

test('a guest gets the result that Model.runSync gives', () => {
  const guest = ready();
  assert.deepEqual(guest.infer(0, DIMS, picture(), CLASSES), expected(picture()));
});

test('64 stateful steps with memory.grow in between stay right', () => {
  const guest = ready(undefined, { pages: 2, max: 2000 });
  const wanted = [0, 1, 2, 3].map((seed) => expected(picture(seed)));
  for (let step = 0; step < 64; step++) {
    const seed = step % 4;
    assert.notEqual(guest.exports.grow(1), -1);
    assert.equal(guest.setInput(0, 0, DIMS, picture(seed)), CODES.success);
    assert.notEqual(guest.exports.grow(1), -1);
    assert.equal(guest.exports.compute(0), CODES.success);
    assert.notEqual(guest.exports.grow(1), -1);
    const { code, data } = guest.getOutput(0, 0, 4 * CLASSES);
    assert.equal(code, CODES.success);
    assert.deepEqual(new Float32Array(data.buffer), wanted[seed], `step ${step}`);
  }
});

test('contexts of one graph do not disturb each other', () => {
  const guest = ready();
  assert.deepEqual(guest.init(0), [0, 1]);
  assert.equal(guest.setInput(0, 0, DIMS, picture(0)), 0);
  assert.equal(guest.setInput(1, 0, DIMS, picture(1)), 0);
  assert.equal(guest.exports.compute(0), 0);
  assert.equal(guest.exports.compute(1), 0);
  for (const context of [0, 1]) {
    const { data } = guest.getOutput(context, 0, 4 * CLASSES);
    assert.deepEqual(new Float32Array(data.buffer), expected(picture(context)));
  }
});

test('the behaviour table holds from inside Wasm', () => {
  const guest = ready();
  const { exports } = guest;
  assert.equal(exports.compute(0), CODES.runtimeError, 'no input');
  assert.equal(guest.getOutput(0, 0, 40).code, CODES.runtimeError, 'not computed');
  assert.equal(guest.setInput(0, 1, DIMS, picture()), CODES.invalidArgument, 'index');
  assert.equal(guest.setInput(0, 0, [1, 96, 96, 3], picture()), CODES.invalidArgument, 'dims');
  assert.equal(guest.setInput(0, 0, DIMS, picture(), 4), CODES.invalidArgument, 'type');
  assert.equal(guest.load([SHAPES], 99)[0], CODES.invalidEncoding);
  assert.equal(guest.load([SHAPES], ENCODING.openvino)[0], CODES.invalidArgument, 'one of two');
  assert.equal(guest.load([Buffer.from('nonsense')], ENCODING.autodetect)[0], CODES.invalidEncoding);
  assert.equal(guest.load([SHAPES.subarray(0, 5000)], ENCODING.onnx)[0], CODES.runtimeError);
  assert.equal(guest.loadByName('nobody')[0], CODES.notFound);
  guest.infer(0, DIMS, picture(), CLASSES);
  assert.deepEqual(
    [0, 39].map((size) => [guest.getOutput(0, 0, size)].map(({ code, written }) => [code, written])),
    [[[CODES.tooLarge, 40]], [[CODES.tooLarge, 40]]],
  );
  assert.equal(exports.unload(0), 0);
  assert.equal(exports.unload(0), CODES.invalidArgument);
  assert.equal(exports.compute(0), CODES.invalidArgument, 'unloaded');
  assert.equal(guest.getOutput(0, 0, 40).code, CODES.success, 'drains');
  assert.equal(exports.finalize_execution_context(0), 0);
  assert.equal(exports.finalize_execution_context(0), CODES.invalidArgument);
  for (const name of ['compute_single', 'fini_single']) {
    assert.equal(exports[name](0), CODES.invalidArgument);
  }
});

test('every pointer outside the memory is an invalid argument', () => {
  const guest = ready();
  const { exports } = guest;
  const builders = guest.putU32s(guest.put(SHAPES), SHAPES.length);
  const tensor = guest.putTensor(DIMS, 1, picture());
  guest.infer(0, DIMS, picture(), CLASSES);
  const end = guest.memory.buffer.byteLength;
  for (const at of [end - 3, end, -1, -4, 0x7fffffff, -0x80000000]) {
    assert.equal(exports.load(at, 1, 1, 0, 64), CODES.invalidArgument);
    assert.equal(exports.load(builders, 1, 1, 0, at), CODES.invalidArgument);
    assert.equal(exports.load_by_name(at, 8, 64), CODES.invalidArgument);
    assert.equal(exports.load_by_name(64, 4, at), CODES.invalidArgument);
    assert.equal(exports.load_by_name_with_config(64, 4, at, 8, 64), CODES.invalidArgument);
    assert.equal(exports.init_execution_context(0, at), CODES.invalidArgument);
    assert.equal(exports.set_input(0, 0, at), CODES.invalidArgument);
    assert.equal(exports.get_output(0, 0, at, 40, 64), CODES.invalidArgument);
    assert.equal(exports.get_output(0, 0, 64, 40, at), CODES.invalidArgument);
    assert.match(guest.nn.lastError, /outside the memory|invalid_argument/);
  }
  assert.equal(exports.set_input(0, 0, tensor), CODES.success);
});

test('a shared memory works, imported or exported', () => {
  const limits = { pages: 40, max: 100, shared: true };
  const exported = ready(undefined, limits);
  assert.ok(exported.memory.buffer instanceof SharedArrayBuffer);
  assert.deepEqual(exported.infer(0, DIMS, picture(), CLASSES), expected(picture()));
  const memory = new WebAssembly.Memory({ initial: 40, maximum: 100, shared: true });
  const imported = ready(undefined, { ...limits, imported: true }, memory);
  imported.exports.grow(10);
  assert.deepEqual(imported.infer(0, DIMS, picture(1), CLASSES), expected(picture(1)));
});

test('pointers above 2 GiB are unsigned', (t) => {
  const pages = 3 * 16384;
  let guest;
  try {
    guest = ready(undefined, { pages, max: pages });
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof WebAssembly.RuntimeError)) throw error;
    t.skip(`no memory of 3 GiB: ${error.message}`);
    return;
  }
  guest.top = 2 ** 31 + 2 ** 29;
  assert.deepEqual(guest.load([SHAPES], ENCODING.onnx), [0, 1]);
  assert.deepEqual(guest.init(1), [0, 1]);
  assert.deepEqual(guest.infer(1, DIMS, picture(), CLASSES), expected(picture()));
  assert.ok(guest.top > 2 ** 31);
});

test('both numberings of encodings and a TensorFlow graph give the reference result',
  { skip: skipWithout('models/mobilenet_v2_1.0_224_frozen.pb', 'reference') }, () => {
    const model = fs.readFileSync(dataFile('models', 'mobilenet_v2_1.0_224_frozen.pb'));
    const input = readNpy(dataFile('reference', 'golden_retriever_input_nhwc.npy')).data;
    const wanted = readNpy(dataFile('reference', 'golden_retriever_v2_1.0_softmax.npy')).data;
    for (const encoding of [ENCODING.tensorflow, ENCODING.onnx, ENCODING.autodetect, ENCODING.ggml]) {
      const guest = new Guest({ limits: { bytes: 2 ** 28 } });
      assert.deepEqual(guest.load([model], encoding), [0, 0], guest.nn.lastError);
      assert.deepEqual(guest.init(0), [0, 0]);
      const output = guest.infer(0, [1, 224, 224, 3], input, 1001);
      output.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 2e-6));
      assert.equal(output.indexOf(Math.max(...output)), 208);
      guest.nn.close();
    }
  });

test('interleaved pixels under NCHW dims give the same classes with inputLayout',
  { skip: skipWithout('models/mobilenetv2_1.0_224.onnx', 'reference') }, () => {
    const model = fs.readFileSync(dataFile('models', 'mobilenetv2_1.0_224.onnx'));
    const planar = readNpy(dataFile('reference', 'golden_retriever_input_nchw_imagenet_norm.npy')).data;
    const pixels = 224 * 224;
    const interleaved = Float32Array.from(planar, (_, i) => planar[(i % 3) * pixels + Math.floor(i / 3)]);
    const infer = (options, data) => {
      const guest = new Guest(options);
      assert.deepEqual(guest.load([model], ENCODING.onnx), [0, 0]);
      assert.deepEqual(guest.init(0), [0, 0]);
      return guest.infer(0, [1, 3, 224, 224], data, 1000);
    };
    assert.deepEqual(infer({ inputLayout: 'nhwc' }, interleaved), infer({}, planar));
  });
