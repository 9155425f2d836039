// Does class MobileNet say what is in pictures, in every form, and fail as documented?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { pathToFileURL } = require('node:url');
const { MobileNet } = require('../../lib/index.js');
const { draw, large, png, temporaryFolder } = require('./support/pictures.js');

const FILE = path.join(__dirname, '..', '..', 'models', 'shapes', 'shapes.onnx');
const net = MobileNet.loadSync();

test('the default network names drawn shapes', async () => {
  let right = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const { label, ...pixels } = draw(seed);
    const [best] = await net.classify(pixels, { topK: 1 });
    if (best.label === label) right++;
  }
  assert.ok(right >= 18, `${right} of 20`);
});

test('pixels, PNG bytes, an ArrayBuffer, a path and a URL give the same predictions', async (t) => {
  const { data, width, height } = draw(3);
  const bytes = png(3);
  const file = path.join(temporaryFolder(t), 'shape.png');
  fs.writeFileSync(file, bytes);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(data.subarray(i * 3, i * 3 + 3), i * 4);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const wanted = net.classifySync({ data, width, height, channels: 3 });
  for (const image of [
    { data, width, height },
    { data: rgba, width, height },
    bytes, buffer, shared, file, pathToFileURL(file),
  ]) {
    assert.deepEqual(await net.classify(image), wanted);
    assert.deepEqual(net.classifySync(image), wanted);
  }
});

test('predictions are best first, probabilities of all classes add up to 1', async () => {
  const all = await net.classify(png(4), { topK: 100 });
  assert.equal(all.length, 10);
  const sum = all.reduce((total, { probability }) => total + probability, 0);
  assert.ok(Math.abs(sum - 1) < 1e-6, `${sum}`);
  all.slice(1).forEach(({ probability }, i) => assert.ok(probability <= all[i].probability));
  assert.deepEqual(Object.keys(all[0]), ['index', 'label', 'probability']);
  assert.equal(all[0].label, net.labels[all[0].index]);
  assert.equal((await net.classify(png(4))).length, 5);
  assert.deepEqual(await net.classify(png(4), { topK: 2 }), all.slice(0, 2));
});

test('image bytes are copied by classify, so that they may change at once', async () => {
  const bytes = Uint8Array.from(png(5));
  const wanted = net.classifySync(bytes);
  const promise = net.classify(bytes);
  bytes.fill(0);
  assert.deepEqual(await promise, wanted);
});

test('preprocess shows what is in force and where it comes from', () => {
  const { mean, std, ...rest } = net.preprocess;
  assert.deepEqual([...mean, ...std], [1, 1, 1, 1, 1, 1]);
  assert.deepEqual(rest, {
    name: 'tf', scale: 1 / 127.5, order: 'rgb', layout: 'NCHW', resize: 'stretch',
    width: 96, height: 96, source: 'catalog',
  });
  const bytes = fs.readFileSync(FILE);
  const plain = MobileNet.loadSync(bytes);
  assert.equal(plain.preprocess.name, 'imagenet');
  assert.equal(plain.preprocess.source, 'format default');
  assert.equal(plain.labels, null);
  assert.match(plain.classifySync(png(1))[0].label, /^class \d$/);
  const own = MobileNet.loadSync(bytes, { preprocess: { scale: 1 / 255, order: 'bgr' }, resize: 'crop' });
  assert.equal(own.preprocess.name, 'custom');
  assert.equal(own.preprocess.source, 'option');
  assert.equal(own.preprocess.resize, 'crop');
});

test('the same preprocessing given as numbers gives the same predictions', () => {
  const preprocess = { scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1], layout: 'NCHW' };
  const own = MobileNet.loadSync(FILE, { preprocess });
  assert.deepEqual(own.classifySync(png(6)), net.classifySync(png(6)));
  const other = MobileNet.loadSync(FILE, { preprocess: 'unit' });
  assert.notDeepEqual(other.classifySync(png(6)), net.classifySync(png(6)));
});

test('options that contradict the network are ERR_INVALID_ARGUMENT', async () => {
  const contradictions = [
    { preprocess: { layout: 'NHWC' } },
    { width: 64 },
    { height: 97 },
    { labels: ['one', 'two'] },
  ];
  for (const options of contradictions) {
    await assert.rejects(MobileNet.load(FILE, options), { code: 'ERR_INVALID_ARGUMENT' });
    assert.throws(() => MobileNet.loadSync(FILE, options), { code: 'ERR_INVALID_ARGUMENT' });
  }
});

test('a background line is dropped for a network without that class', () => {
  const labels = ['background', ...net.labels];
  assert.deepEqual(MobileNet.loadSync(FILE, { labels }).labels, net.labels);
});

test('wrong options and images have codes', async () => {
  for (const [options, code] of [
    [{ resize: 'fill' }, 'ERR_OUT_OF_RANGE'],
    [{ maxPixels: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ labels: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ preprocess: 'x' }, 'ERR_OUT_OF_RANGE'],
  ]) {
    await assert.rejects(MobileNet.load(FILE, options), { code });
  }
  const data = new Uint8Array(12);
  for (const [image, code] of [
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [42, 'ERR_INVALID_ARG_TYPE'],
    ['', 'ERR_INVALID_ARG_TYPE'],
    [new Float32Array(3), 'ERR_INVALID_ARG_TYPE'],
    [new URL('http://localhost/a.jpg'), 'ERR_OUT_OF_RANGE'],
    [{ data: [1, 2, 3], width: 1, height: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ data, width: 2, height: 3, channels: 3 }, 'ERR_OUT_OF_RANGE'],
    [{ data, width: 2, height: 3, channels: 2 }, 'ERR_OUT_OF_RANGE'],
    [{ data, width: 0, height: 2 }, 'ERR_OUT_OF_RANGE'],
    ['no-such-image.png', 'ERR_NOT_FOUND'],
  ]) {
    await assert.rejects(net.classify(image), { code }, String(image));
    assert.throws(() => net.classifySync(image), { code }, String(image));
  }
  for (const topK of [0, -1, 1.5]) {
    await assert.rejects(net.classify(png(1), { topK }), { code: 'ERR_OUT_OF_RANGE' });
  }
  assert.throws(() => new MobileNet(), TypeError);
});

test('bytes that are no picture are ERR_INVALID_IMAGE', async () => {
  const bytes = png(1);
  for (const image of [Buffer.from('GIF89a'), new Uint8Array(0), bytes.subarray(0, bytes.length - 40)]) {
    await assert.rejects(net.classify(image), { name: 'MinnowError', code: 'ERR_INVALID_IMAGE' });
    assert.throws(() => net.classifySync(image), { code: 'ERR_INVALID_IMAGE' });
  }
});

test('a picture above maxPixels is refused', async () => {
  const small = MobileNet.loadSync(undefined, { maxPixels: 96 * 96 - 1 });
  await assert.rejects(small.classify(png(1)), { code: 'ERR_OUT_OF_MEMORY' });
});

test('classifyBatch keeps the order and rejects with the first error by order', async () => {
  const images = [1, 2, 3, 4, 5, 6, 7].map((seed) => png(seed));
  const wanted = images.map((image) => net.classifySync(image));
  assert.deepEqual(await net.classifyBatch(images), wanted);
  assert.deepEqual(await net.classifyBatch([]), []);
  await assert.rejects(net.classifyBatch([png(1), 'nothing.png', Buffer.from('x')]), {
    code: 'ERR_NOT_FOUND',
  });
  await assert.rejects(net.classifyBatch(png(1)), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('classifyStream keeps the order and isolates errors', async (t) => {
  const file = path.join(temporaryFolder(t), 'a.png');
  fs.writeFileSync(file, png(1));
  async function* images() {
    yield file;
    yield 'missing.png';
    yield Buffer.from('not a picture');
    yield 7;
    yield png(2);
  }
  const results = [];
  for await (const result of net.classifyStream(images(), { concurrency: 2, topK: 1 })) {
    results.push(result);
  }
  assert.deepEqual(results.map(({ index }) => index), [0, 1, 2, 3, 4]);
  assert.equal(results[0].file, file);
  assert.deepEqual(results[0].predictions, net.classifySync(png(1), { topK: 1 }));
  assert.ok(results[0].ms.total >= results[0].ms.infer);
  assert.equal(results[1].file, 'missing.png');
  assert.equal(results[1].error.code, 'ERR_NOT_FOUND');
  assert.equal(results[2].error.code, 'ERR_INVALID_IMAGE');
  assert.equal(results[3].error.code, 'ERR_INVALID_ARG_TYPE');
  assert.deepEqual(results[4].predictions, net.classifySync(png(2), { topK: 1 }));
});

test('classifyStream checks its arguments at once', () => {
  assert.throws(() => net.classifyStream('a.jpg'), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => net.classifyStream([], { concurrency: 0 }), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => net.classifyStream([], { topK: 0 }), { code: 'ERR_OUT_OF_RANGE' });
});

test('an abort ends a stream and a batch with its reason', async () => {
  const reason = new Error('stop');
  const controller = new AbortController();
  const images = Array(50).fill(large(1500));
  const batch = net.classifyBatch(images, { signal: controller.signal });
  const stream = (async () => {
    for await (const { index } of net.classifyStream(images, { signal: controller.signal })) {
      if (index === 1) controller.abort(reason);
    }
  })();
  await assert.rejects(stream, reason);
  await assert.rejects(batch, reason);
});

test('an abort rejects a queued classification before the others have finished', async () => {
  const controller = new AbortController();
  const image = large();
  const others = Array.from({ length: 4 * net.model.threads }, () => net.classify(image));
  let finished = 0;
  for (const other of others) other.then(() => finished++);
  const queued = net.classify(image, { signal: controller.signal });
  controller.abort();
  await assert.rejects(queued, { name: 'AbortError' });
  assert.equal(finished, 0);
  await Promise.all(others);
});

test('after close calls fail with ERR_CLOSED; work in flight finishes', async () => {
  const other = await MobileNet.load();
  const running = [other.classify(large()), other.classify(large())];
  other.close();
  other.close();
  assert.equal(other.closed, true);
  assert.equal(other.model.closed, true);
  for (const result of await Promise.all(running)) assert.equal(result.length, 5);
  await assert.rejects(other.classify(png(1)), { name: 'MinnowError', code: 'ERR_CLOSED' });
  assert.throws(() => other.classifySync(png(1)), { code: 'ERR_CLOSED' });
  assert.throws(() => other.classifyStream([]), { code: 'ERR_CLOSED' });
  await assert.rejects(other.classifyBatch([]), { code: 'ERR_CLOSED' });
});

test('closing the network ends a stream with ERR_CLOSED', async () => {
  const other = await MobileNet.load();
  await assert.rejects(async () => {
    for await (const { index } of other.classifyStream(Array(10).fill(png(1)), { concurrency: 1 })) {
      if (index === 2) other.close();
    }
  }, { code: 'ERR_CLOSED' });
});

test('Symbol.dispose closes', () => {
  const other = MobileNet.loadSync();
  other[Symbol.dispose]();
  assert.equal(other.closed, true);
});
