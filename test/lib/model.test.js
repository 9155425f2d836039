// Does class Model load, run, describe, abort and close as documented?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { pathToFileURL } = require('node:url');
const { Model, MinnowError } = require('../../lib/index.js');

const FILE = path.join(__dirname, '..', '..', 'models', 'shapes', 'shapes.onnx');
const ELEMENTS = 3 * 96 * 96;
const model = Model.loadSync(FILE);

/** A tensor that is neither zero nor symmetric. */
function feed(batch = 1, seed = 0) {
  return Float32Array.from({ length: batch * ELEMENTS }, (_, i) => Math.sin(i * 0.37 + seed));
}

test('a path, a URL, bytes, an ArrayBuffer and the catalog name load the same network', async () => {
  const bytes = fs.readFileSync(FILE);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const wanted = model.runSync({ input: feed() }).logits.data;
  for (const source of [FILE, pathToFileURL(FILE), bytes, buffer, [bytes], 'shapes', undefined]) {
    for (const loaded of [await Model.load(source), Model.loadSync(source)]) {
      assert.deepEqual(loaded.runSync({ input: feed() }).logits.data, wanted);
      loaded.close();
    }
  }
});

test('bytes are copied by load, so that they may change at once', async () => {
  const bytes = Uint8Array.from(fs.readFileSync(FILE));
  const promise = Model.load(bytes);
  bytes.fill(0);
  assert.equal((await promise).format, 'onnx');
});

test('inputs and outputs say name, dtype, shape and layout, and can not be changed', () => {
  const [input] = model.inputs;
  assert.equal(input.name, 'input');
  assert.equal(input.dtype, 'f32');
  assert.deepEqual(input.shape, [-1, 3, 96, 96]);
  assert.equal(input.layout, 'NCHW');
  assert.deepEqual(model.outputs[0].shape, [-1, 10]);
  assert.throws(() => input.shape.push(1), TypeError);
  assert.throws(() => (input.name = 'x'), TypeError);
});

test('describe gives costs and the graph before and after the passes', () => {
  const facts = model.describe();
  assert.equal(facts.format, 'onnx');
  assert.equal(facts.output, 'logits');
  assert.ok(facts.macs > 1e6 && facts.macs < 1e8, `${facts.macs}`);
  assert.ok(facts.weightBytes > 1e6, `${facts.weightBytes}`);
  assert.ok(facts.arenaBytes > 1e5, `${facts.arenaBytes}`);
  assert.match(facts.graphs.imported, /Conv2D/);
  assert.ok(facts.graphs.optimized.split('\n').length < facts.graphs.imported.split('\n').length);
});

test('run and runSync give the same elements, with shape and dtype', async () => {
  const sync = model.runSync({ input: feed() });
  const async = await model.run({ input: { data: feed(), shape: [1, 3, 96, 96] } });
  assert.deepEqual(async, sync);
  assert.deepEqual(sync.logits.shape, [1, 10]);
  assert.equal(sync.logits.dtype, 'f32');
  assert.ok(sync.logits.data instanceof Float32Array);
  assert.ok(sync.logits.data.some((x) => x !== 0));
});

test('the batch is worked out from the length, and is as good as single runs', async () => {
  const both = new Float32Array(2 * ELEMENTS);
  both.set(feed(1, 1), 0);
  both.set(feed(1, 2), ELEMENTS);
  const { logits } = await model.run({ input: both });
  assert.deepEqual(logits.shape, [2, 10]);
  for (const i of [0, 1]) {
    const single = model.runSync({ input: feed(1, i + 1) }).logits.data;
    single.forEach((x, c) => assert.ok(Math.abs(x - logits.data[i * 10 + c]) < 1e-4));
  }
});

test('feeds are copied by run, so that they may change at once', async () => {
  const data = feed();
  const promise = model.run({ input: data });
  data.fill(0);
  assert.deepEqual((await promise).logits.data, model.runSync({ input: feed() }).logits.data);
});

test('many runs may overlap', async () => {
  const wanted = [0, 1, 2, 3].map((seed) => model.runSync({ input: feed(1, seed) }).logits.data);
  const runs = Array.from({ length: 32 }, (_, i) => model.run({ input: feed(1, i % 4) }));
  (await Promise.all(runs)).forEach(({ logits }, i) => assert.deepEqual(logits.data, wanted[i % 4]));
});

test('out is written in place, sync and async', async () => {
  const wanted = model.runSync({ input: feed() }).logits.data;
  for (const run of [model.run.bind(model), model.runSync.bind(model)]) {
    const logits = new Float32Array(10);
    const result = await run({ input: feed() }, { out: { logits } });
    assert.equal(result.logits.data, logits);
    assert.deepEqual(logits, wanted);
  }
});

test('an out of the wrong size is ERR_INVALID_ARGUMENT and is not written', async () => {
  const logits = new Float32Array(11);
  const options = { out: { logits } };
  assert.throws(() => model.runSync({ input: feed() }, options), { code: 'ERR_INVALID_ARGUMENT' });
  await assert.rejects(model.run({ input: feed() }, options), { code: 'ERR_INVALID_ARGUMENT' });
  assert.ok(logits.every((x) => x === 0));
});

test('an out that is detached while the run goes on is ERR_INVALID_ARGUMENT', async () => {
  const logits = new Float32Array(10);
  const promise = model.run({ input: feed() }, { out: { logits } });
  structuredClone(logits, { transfer: [logits.buffer] });
  await assert.rejects(promise, { code: 'ERR_INVALID_ARGUMENT', message: /detached/ });
});

test('wrong feeds are told apart by code', async () => {
  const wrong = [
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ input: null }, 'ERR_INVALID_ARG_TYPE'],
    [{ input: new Float64Array(ELEMENTS) }, 'ERR_INVALID_ARG_TYPE'],
    [{ input: new Float32Array(ELEMENTS - 1) }, 'ERR_OUT_OF_RANGE'],
    [{ input: { data: feed(), shape: [1, 3, 96, 95] } }, 'ERR_OUT_OF_RANGE'],
    [{ input: { data: feed(), shape: [3, 96, 96] } }, 'ERR_OUT_OF_RANGE'],
    [{ input: { data: feed(), shape: [1, 96, 96, 3] } }, 'ERR_OUT_OF_RANGE'],
    [{ input: { data: feed(), shape: [-1, 3, 96, 96] } }, 'ERR_INVALID_ARG_TYPE'],
    [{ input: feed(), other: feed() }, 'ERR_NOT_FOUND'],
  ];
  for (const [feeds, code] of wrong) {
    assert.throws(() => model.runSync(feeds), { code });
    await assert.rejects(model.run(feeds), { code });
  }
  assert.throws(() => model.runSync({ input: feed() }, { out: { scores: new Float32Array(10) } }), {
    code: 'ERR_NOT_FOUND',
    message: /'logits'/,
  });
});

test('a detached feed is refused', () => {
  const data = feed();
  structuredClone(data, { transfer: [data.buffer] });
  const refusal = { code: 'ERR_INVALID_ARGUMENT', message: /detached/ };
  assert.throws(() => model.runSync({ input: data }), refusal);
});

test('an empty batch is refused or empty, never a crash', () => {
  try {
    const { logits } = model.runSync({ input: { data: new Float32Array(0), shape: [0, 3, 96, 96] } });
    assert.deepEqual(logits.shape, [0, 10]);
  } catch (error) {
    assert.ok(error instanceof MinnowError, error);
  }
});

test('load rejects what is no model, with a code', async () => {
  const bytes = fs.readFileSync(FILE);
  const wrong = [
    [Buffer.from('this is not a model'), /ERR_(INVALID_MODEL|UNSUPPORTED)/],
    [new Uint8Array(0), /ERR_(INVALID_MODEL|UNSUPPORTED)/],
    [bytes.subarray(0, bytes.length >> 1), /ERR_INVALID_MODEL/],
  ];
  for (const [source, code] of wrong) {
    await assert.rejects(Model.load(source), { name: 'MinnowError', code });
    assert.throws(() => Model.loadSync(source), { name: 'MinnowError', code });
  }
  await assert.rejects(Model.load('no-such-file.onnx'), { code: 'ERR_NOT_FOUND' });
});

test('a file that is cut off is no model, wherever it ends', async () => {
  const bytes = fs.readFileSync(FILE);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-cut-'));
  const file = path.join(folder, 'cut.onnx');
  try {
    for (let size = 0; size < bytes.length; size = size * 2 + 1) {
      fs.writeFileSync(file, bytes.subarray(0, size));
      const wanted = { name: 'MinnowError', code: 'ERR_INVALID_MODEL' };
      await assert.rejects(Model.load(file), wanted);
      assert.throws(() => Model.loadSync(file), wanted);
    }
    fs.writeFileSync(file, bytes);
    (await Model.load(file)).close();
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('wrong options of load have codes', async () => {
  for (const [options, code] of [
    [{ threads: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ threads: '2' }, 'ERR_INVALID_ARG_TYPE'],
    [{ threads: 257 }, 'ERR_OUT_OF_RANGE'],
    [{ precision: 'int4' }, 'ERR_OUT_OF_RANGE'],
    [{ precision: 'int8' }, 'ERR_UNSUPPORTED'],
    [{ format: 3 }, 'ERR_INVALID_ARG_TYPE'],
    [{ signal: {} }, 'ERR_INVALID_ARG_TYPE'],
    [7, 'ERR_INVALID_ARG_TYPE'],
  ]) {
    await assert.rejects(Model.load(FILE, options), { code });
  }
  assert.throws(() => new Model(), TypeError);
});

test('profile has a row an operator, and their times add up to no more than the total', () => {
  const { operators, totalMs, threads, peak } = model.profile(undefined, { runs: 3 });
  assert.ok(operators.length > 10);
  assert.ok(threads >= 1);
  const convolution = operators.find(({ macs }) => macs > 0);
  assert.equal(typeof convolution.kernel, 'string');
  assert.ok(operators.every(({ ms }) => ms >= 0));
  assert.ok(totalMs > 0);
  assert.ok(peak.f32 > 0);
  assert.equal(convolution.peakShare, convolution.gflops / peak.f32);
  assert.ok(operators.every(({ macs, peakShare }) => peakShare > 0 === macs > 0));
});

test('a closed model throws ERR_CLOSED; a run in flight finishes', async () => {
  const other = await Model.load(FILE);
  const running = other.run({ input: feed() });
  other.close();
  other.close();
  assert.equal(other.closed, true);
  assert.deepEqual((await running).logits.shape, [1, 10]);
  for (const call of [() => other.runSync({ input: feed() }), () => other.describe(), () => other.profile()]) {
    assert.throws(call, { name: 'MinnowError', code: 'ERR_CLOSED' });
  }
  await assert.rejects(other.run({ input: feed() }), { code: 'ERR_CLOSED' });
  assert.equal(other.inputs[0].name, 'input');
});

test('Symbol.dispose closes', () => {
  const other = Model.loadSync(FILE);
  other[Symbol.dispose]();
  assert.equal(other.closed, true);
});

test('an aborted signal rejects with its reason, before and during the work', async () => {
  const reason = new Error('changed my mind');
  const before = AbortSignal.abort(reason);
  await assert.rejects(Model.load(FILE, { signal: before }), reason);
  await assert.rejects(model.run({ input: feed() }, { signal: before }), reason);

  const controller = new AbortController();
  const load = Model.load(FILE, { signal: controller.signal });
  const run = model.run({ input: feed(64) }, { signal: controller.signal });
  controller.abort(reason);
  await Promise.all([assert.rejects(load, reason), assert.rejects(run, reason)]);
  assert.deepEqual((await model.run({ input: feed() })).logits.shape, [1, 10]);
});

test('a signal that is not used leaves no listener behind', async () => {
  const { signal } = new AbortController();
  await model.run({ input: feed() }, { signal });
  assert.equal(require('node:events').getEventListeners(signal, 'abort').length, 0);
});
