// Does class WasiNN check its options, keep its promises to guests, and share its graphs?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { pathToFileURL } = require('node:url');
const { Worker } = require('node:worker_threads');
const { MinnowError, WasiNN } = require('../../lib/index.js');
const { CODES, ENCODING, Guest } = require('../wasm/support/guest.js');
const { FUNCTIONS } = require('../wasm/support/module.js');
const { script } = require('./support/child.js');

const ROOT = path.join(__dirname, '..', '..');
const SHAPES_FILE = path.join(ROOT, 'models', 'shapes', 'shapes.onnx');
const SHAPES = fs.readFileSync(SHAPES_FILE);
const DIMS = [1, 3, 96, 96];
const GREY = new Float32Array(3 * 96 * 96);

test('the import object has the twelve functions of wasi_ephemeral_nn', () => {
  const imports = new WasiNN().getImportObject();
  assert.deepEqual(Object.keys(imports), ['wasi_ephemeral_nn']);
  assert.deepEqual(Object.keys(imports.wasi_ephemeral_nn).sort(), Object.keys(FUNCTIONS).sort());
});

test('wrong options are TypeErrors and RangeErrors that name the option', () => {
  const wrong = [
    [null, /options/], [{ model: {} }, /options/], [{ models: [] }, /models/],
    [{ models: { a: 3 } }, /model/], [{ models: { a: {} } }, /models\['a'\]\.source/],
    [{ models: { a: { source: 'shapes', layout: 1 } } }, /models\['a'\]/],
    [{ models: { a: { source: 'shapes', encoding: 'ggml' } } }, /encoding/],
    [{ limits: { graphs: -1 } }, /limits\.graphs/], [{ limits: { graph: 1 } }, /limits/],
    [{ limits: 3 }, /limits/], [{ inputLayout: 'hwc' }, /inputLayout/],
    [{ strictTarget: 1 }, /strictTarget/], [{ errnoSet: 2020 }, /errnoSet/],
    [{ errnoSet: '2021' }, /errnoSet/], [{ backends: [] }, /backends/],
    [{ backends: ['tflite'] }, /backends/], [{ backends: [{}] }, /backend\.name/],
    [{ backends: [{ name: 'x' }] }, /backend\.load/], [{ threads: 0 }, /threads/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => new WasiNN(options), (error) => {
      assert.match(error.message, message);
      return /^ERR_(INVALID_ARG_TYPE|OUT_OF_RANGE)$/.test(error.code);
    });
  }
});

test('models may be names, paths, URLs and bytes', () => {
  const models = {
    name: 'shapes', path: SHAPES_FILE, url: pathToFileURL(SHAPES_FILE), bytes: SHAPES,
    entry: { source: [SHAPES], encoding: 'onnx', inputLayout: 'nchw' },
  };
  const guest = new Guest({ models });
  Object.keys(models).forEach((name, i) => assert.deepEqual(guest.loadByName(name), [0, i]));
  assert.deepEqual(guest.loadByName('path'), [0, 1], 'the same graph while it lives');
  assert.deepEqual(guest.nn.describe('name'), guest.nn.describe(3));
});

test('a model that does not load fails the constructor with its name and code', () => {
  const fails = (model, code) =>
    assert.throws(() => new WasiNN({ models: { net: model } }), { code, name: 'MinnowError' });
  fails('/no/such/file', 'ERR_NOT_FOUND');
  fails(SHAPES.subarray(0, 900), 'ERR_INVALID_MODEL');
  fails(Buffer.from('nonsense'), 'ERR_UNSUPPORTED');
  fails({ source: SHAPES, encoding: 'openvino' }, 'ERR_INVALID_ARGUMENT');
  assert.throws(() => new WasiNN({ models: { net: SHAPES.subarray(0, 900) } }), /models\['net'\]/);
});

test('describe tells by handle and by name, and throws for others', () => {
  const guest = new Guest({ models: { net: 'shapes' } });
  const info = guest.nn.describe('net');
  assert.equal(info.backend, 'minnow');
  assert.equal(info.format, 'onnx');
  assert.deepEqual(info.inputs[0].shape.slice(1), [3, 96, 96]);
  assert.equal(info.inputs[0].dtype, 'f32');
  assert.throws(() => guest.nn.describe(0), { code: 'ERR_NOT_FOUND' });
  assert.throws(() => guest.nn.describe('other'), { code: 'ERR_NOT_FOUND' });
  assert.throws(() => guest.nn.describe(-1), { code: 'ERR_OUT_OF_RANGE' });
});

test('lastError explains the last code, and success does not clear it', () => {
  const guest = new Guest({ models: { net: 'shapes' } });
  assert.equal(guest.nn.lastError, '');
  guest.exports.compute(7);
  assert.equal(guest.nn.lastError, 'compute: there is no context 7 (invalid_argument)');
  guest.loadByName('net');
  assert.match(guest.nn.lastError, /^compute/);
});

test('imports before initialize give missing_memory, after close runtime_error, and never throw', () => {
  const nn = new WasiNN({ models: { net: 'shapes' } });
  const imports = nn.getImportObject().wasi_ephemeral_nn;
  assert.equal(imports.load_by_name(0, 3, 8), CODES.missingMemory);
  nn.close();
  assert.equal(nn.closed, true);
  for (const call of Object.values(imports)) assert.equal(call(0, 0, 0, 0, 0), CODES.runtimeError);
  assert.match(nn.lastError, /closed/);
  nn.close();
  for (const use of [() => nn.describe('net'), () => nn.getImportObject(), () => nn.usage]) {
    assert.throws(use, { code: 'ERR_CLOSED' });
  }
});

test('arguments of the wrong type or number give a code', () => {
  const imports = new Guest().nn.getImportObject().wasi_ephemeral_nn;
  for (const argument of ['x', {}, null, 1n, Symbol('s'), NaN, 1e300]) {
    const code = imports.set_input(argument, argument, argument);
    assert.ok(code === CODES.runtimeError || code === CODES.invalidArgument, String(code));
  }
  assert.equal(imports.compute(), CODES.invalidArgument);
});

test('initialize wants a memory and lets go of what the instance before held', () => {
  const guest = new Guest({ models: { net: 'shapes' } });
  assert.throws(() => guest.nn.initialize(null), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => guest.nn.initialize({ exports: {} }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => guest.nn.initialize({ exports: { memory: {} } }), /memory/);
  guest.loadByName('net');
  guest.init(0);
  assert.equal(guest.nn.usage.graphs, 1);
  assert.equal(guest.nn.usage.contexts, 1);
  guest.nn.initialize(guest.instance);
  assert.deepEqual(guest.nn.usage, { graphs: 0, contexts: 0, bytes: 0 });
  assert.deepEqual(guest.loadByName('net'), [0, 1], 'handles go on');
});

test('limits end in too_large', () => {
  const guest = new Guest({ limits: { graphs: 1, contexts: 1, bytes: 1 << 23 } });
  assert.equal(guest.load([SHAPES], ENCODING.onnx)[0], 0);
  assert.equal(guest.load([SHAPES], ENCODING.onnx)[0], CODES.tooLarge);
  assert.equal(guest.init(0)[0], 0);
  assert.equal(guest.init(0)[0], CODES.tooLarge);
  assert.ok(guest.nn.usage.bytes > 0 && guest.nn.usage.bytes <= 1 << 23);
  const small = new Guest({ limits: { bytes: 1000 } });
  assert.equal(small.load([SHAPES], ENCODING.onnx)[0], CODES.tooLarge);
});

test('old guests see only the codes of their time', () => {
  const code = (errnoSet) => new Guest({ errnoSet }).loadByName('x')[0];
  assert.deepEqual(['2020', '2022', '2023'].map(code), [1, 1, CODES.notFound]);
});

test('gpu and tpu run on the CPU with one warning a process, or fail when strict', async () => {
  const { stderr, stdout, code } = await script(`
    const { Guest } = require('./test/wasm/support/guest.js');
    const bytes = require('fs').readFileSync('models/shapes/shapes.onnx');
    for (let i = 0; i < 3; i++) console.log(new Guest().load([bytes], 1, 1 + (i % 2))[0]);
    console.log(new Guest({ strictTarget: true }).load([bytes], 1, 1)[0]);
  `, { cwd: ROOT });
  assert.equal(code, 0, stderr);
  assert.deepEqual(stdout.trim().split('\n'), ['0', '0', '0', String(CODES.unsupported)]);
  assert.equal(stderr.match(/MINNOW_WASI_NN_TARGET/g).length, 1);
});

test('instances of one process and of workers share a graph, and do not share handles', async () => {
  const guests = [new Guest(), new Guest()];
  for (const guest of guests) {
    assert.deepEqual(guest.load([SHAPES], ENCODING.onnx), [0, 0]);
    assert.deepEqual(guest.init(0), [0, 0]);
  }
  const here = guests.map((guest) => guest.infer(0, DIMS, GREY, 10));
  assert.deepEqual(here[0], here[1]);
  const source = `
    const { parentPort } = require('node:worker_threads');
    const { Guest } = require(${JSON.stringify(path.join(ROOT, 'test/wasm/support/guest.js'))});
    const guest = new Guest({ models: { net: 'shapes' } });
    guest.loadByName('net');
    guest.init(0);
    parentPort.postMessage(guest.infer(0, [1, 3, 96, 96], new Float32Array(27648), 10));`;
  const results = await Promise.all([1, 2, 3].map(() => new Promise((resolve, reject) => {
    new Worker(source, { eval: true }).once('message', resolve).once('error', reject);
  })));
  for (const result of results) assert.deepEqual(result, here[0]);
});

test('a worker may end at any moment of a guest, with either kind of backend', async () => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { Guest } = require(${JSON.stringify(path.join(ROOT, 'test/wasm/support/guest.js'))});
    const tensors = [{ name: 'x', dtype: 'f32', shape: [1, 3, 96, 96] }];
    const own = {
      name: 'own',
      load: () => ({
        inputs: tensors, outputs: tensors,
        createContext: () => ({ compute: (feeds) => { for (let i = 0; i < 1e5; i++); return feeds; } }),
      }),
    };
    const guest = new Guest(workerData === 0 ? { models: { net: 'shapes' } } : {
      backends: [own], models: { net: Buffer.from('x') } });
    guest.loadByName('net');
    guest.init(0);
    const tensor = guest.putTensor([1, 3, 96, 96], 1, new Float32Array(27648));
    parentPort.postMessage('ready');
    for (;;) { guest.exports.set_input(0, 0, tensor); guest.exports.compute(0); }`;
  for (let i = 0; i < 8; i++) {
    const worker = new Worker(source, { eval: true, workerData: i % 2 });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await new Promise((resolve) => setTimeout(resolve, 3 * i));
    assert.equal(await worker.terminate(), 1);
  }
});

test('MinnowError is what closed hosts throw in every method', () => {
  const nn = new WasiNN();
  nn[Symbol.dispose]?.();
  nn.close();
  assert.throws(() => nn.initialize({ exports: {} }), MinnowError);
});
