// Does the addon hold its own ground: cancelled jobs, detached memory, wrong values?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const addon = require('../../lib/binding.js');
const { MinnowError } = require('../../lib/errors.js');
const { draw, large, png } = require('../lib/support/pictures.js');

const bytes = fs.readFileSync(path.join(__dirname, '..', '..', 'models', 'shapes', 'shapes.onnx'));
const model = addon.loadModelSync([bytes], '');
const spec = {
  scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1], order: 'rgb', layout: '', resize: 'stretch',
  width: 0, height: 0, maxPixels: 1e8,
};
const classifier = new addon.NativeClassifier(model, spec);
const input = { data: new Float32Array(3 * 96 * 96), shape: [1, 3, 96, 96] };

test('info names the instruction set, the threads and the formats', () => {
  const { isa, threads, formats } = addon.info();
  assert.ok(['portable', 'avx2', 'avx512', 'avx512vnni', 'avx512vbmi', 'amx'].includes(isa));
  assert.ok(threads >= 1);
  assert.ok(formats.includes('onnx') && formats.includes('tensorflow'));
});

test('a job that waits in the queue ends at once when its token is cancelled', async () => {
  const image = large(2000);
  const { threads } = addon.info();
  // Some tenths of a second: with less, a busy machine lets all end before this thread goes on.
  const before = Array.from({ length: 40 * threads }, () => classifier.classify(image, 1, 1));
  const token = new addon.CancelToken();
  const queued = classifier.classify(image, 1, 1, token);
  token.cancel();
  token.cancel();
  await assert.rejects(queued, (error) => error instanceof MinnowError && error.code === 'ERR_CANCELLED');
  await Promise.all(before);
});

test('a token without a job, or with one that has ended, may be cancelled', async () => {
  const token = new addon.CancelToken();
  token.cancel();
  await classifier.classify(png(1), 1, 1, token);
  token.cancel();
});

test('jobs finish although JavaScript holds nothing but the promise', async () => {
  const promises = Array.from({ length: 20 }, (_, i) =>
    new addon.NativeClassifier(addon.loadModelSync([bytes], ''), spec).classify(png(i + 1), 1, 1),
  );
  for (const { predictions } of await Promise.all(promises)) assert.equal(predictions.length, 1);
});

test('values that lib would refuse are errors here too, not crashes', () => {
  const refused = [
    () => addon.loadModelSync('x', ''),
    () => addon.loadModelSync([1], ''),
    () => addon.loadModelSync([], ''),
    () => addon.loadModelSync([new Float32Array(4)], ''),
    () => addon.loadModelSync([bytes], 'no-such-format'),
    () => new addon.NativeClassifier({}, spec),
    () => new addon.NativeClassifier(model),
    () => classifier.classifySync(null, 1, 1),
    () => classifier.classifySync({ data: png(1), width: 1e9, height: 1e9, channels: 4 }, 1, 1),
    () => classifier.classifySync({ data: png(1), width: NaN, height: -1 }, 1, 1),
    () => classifier.classifySync(new Float32Array(4), 1, 1),
    () => model.runSync(),
    () => model.runSync([]),
    () => model.runSync([{}]),
    () => model.runSync([{ ...input, shape: [1, 3, 96, -96] }]),
    () => model.runSync([{ ...input, shape: Array(9).fill(1) }]),
    () => model.runSync([{ ...input, shape: [2 ** 40, 2 ** 40] }]),
    () => model.runSync([{ ...input, data: new Float64Array(3 * 96 * 96) }]),
    () => model.runSync([{ ...input, data: new Float32Array(3) }]),
    () => model.runSync([input, input]),
    () => model.profile([{}], 1),
  ];
  for (const call of refused) assert.throws(call, MinnowError, call.toString());
});

test('methods on a foreign object are refused', () => {
  assert.throws(() => model.runSync.call({}, [input]));
  assert.throws(() => classifier.classify.call(model, png(1), 1, 1));
});

test('arrays over resized and detached memory are refused', () => {
  const detached = new Float32Array(3 * 96 * 96);
  structuredClone(detached, { transfer: [detached.buffer] });
  assert.throws(() => model.runSync([{ ...input, data: detached }]), /detached/);
  const memory = new WebAssembly.Memory({ initial: 4 });
  const view = new Float32Array(memory.buffer, 0, 3 * 96 * 96);
  model.runSync([{ ...input, data: view }]);
  memory.grow(1);
  assert.throws(() => model.runSync([{ ...input, data: view }]), /detached/);
  const resizable = new ArrayBuffer(4 * 3 * 96 * 96, { maxByteLength: 4 * 3 * 96 * 96 });
  const window = new Float32Array(resizable);
  model.runSync([{ ...input, data: window }]);
  resizable.resize(16);
  assert.throws(() => model.runSync([{ ...input, data: window }]), MinnowError);
});

test('memory shared with WebAssembly threads can be read', () => {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
  const view = new Float32Array(memory.buffer, 0, 3 * 96 * 96);
  assert.equal(model.runSync([{ ...input, data: view }])[0].data.length, 10);
});

test('views that begin at odd addresses are read right', () => {
  const wanted = classifier.classifySync(png(1), 3, 1).predictions;
  for (const offset of [1, 2, 3, 5, 7]) {
    const shifted = new Uint8Array(png(1).length + offset).subarray(offset);
    shifted.set(png(1));
    assert.deepEqual(classifier.classifySync(shifted, 3, 1).predictions, wanted);
  }
});

test('a thumbnail keeps proportions and is never larger than the picture', () => {
  const small = addon.thumbnailSync(png(1, 96), 48, 200);
  assert.deepEqual([small.width, small.height, small.data.length], [48, 48, 48 * 48 * 3]);
  const same = addon.thumbnailSync(png(1, 96), 500, 500);
  assert.deepEqual([same.width, same.height], [96, 96]);
  assert.deepEqual([...same.data.subarray(0, 99)], [...draw(1, 96).data.subarray(0, 99)]);
  const refused = [[png(1), 0, 5], [png(1), 5, NaN], [png(1), 5000, 5], [png(1)], [Buffer.from('x'), 5, 5], ['x', 5, 5]];
  for (const args of refused) assert.throws(() => addon.thumbnailSync(...args), MinnowError);
});
