// Does quantize() make a network that still works, report what is true, and refuse what is wrong?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { MobileNet, Model, quantize } = require('../../lib/index.js');
const { networkContenders } = require('../../lib/bench/networks.js');
const { preprocessOf } = require('../../lib/mobilenet.js');
const { drawNth } = require('../../models/shapes/draw.js');

/** Drawn pictures with their labels. */
function drawn(count, seed = 5) {
  return Array.from({ length: count }, (_, i) => {
    const { data, width, height, channels, label } = drawNth(seed, i, 96);
    return { image: { data, width, height, channels }, label };
  });
}

test('the quantised network is a smaller ONNX file that classifies as the float one does', async () => {
  const { model, report } = await quantize('shapes', drawn(40));
  assert.ok(model instanceof Uint8Array);
  assert.equal(report.bytes, model.length);
  const net = await MobileNet.load(model, { labels: 'shapes', preprocess: report.preprocess });
  const float = await MobileNet.load('shapes');
  assert.ok(model.length < 0.6 * float.model.describe().weightBytes, `${model.length}`);
  assert.deepEqual(net.model.inputs[0].shape, float.model.inputs[0].shape);
  assert.equal(net.model.outputs[0].name, 'logits');
  for (const { image, label } of drawn(10, 77)) {
    assert.equal((await net.classify(image, { topK: 1 }))[0].label, label);
  }
  net.close();
  float.close();
});

test('the file is computed in integers: no float convolution is left', async () => {
  const { model, report } = await quantize('shapes', drawn(4));
  const { optimized } = (await Model.load(model)).describe().graphs;
  assert.equal(report.products, 53);
  assert.deepEqual(report.realOperators, []);
  assert.equal([...optimized.matchAll(/ = QConv2D\(/g)].length, 52);
  assert.doesNotMatch(optimized, / = (Conv2D|FullyConnected|Binary|Clamp)\(/);
  assert.equal([...optimized.matchAll(/ = (De)?[qQ]uantize\(/g)].length, 2);
});

test("precision 'fp32' computes a quantised network in floats, near to its integers", async () => {
  const { model, report } = await quantize('shapes', drawn(40));
  const integers = await Model.load(model);
  const floats = Model.loadSync(model, { precision: 'fp32' });
  const { optimized } = floats.describe().graphs;
  assert.doesNotMatch(optimized, / = (QConv2D|QFullyConnected|QBinary|Quantize|Dequantize)\(/);
  const [{ image }] = drawn(1, 77);
  const net = await MobileNet.load('shapes', { preprocess: report.preprocess });
  const feeds = { input: await preprocessOf(net, image) };
  const [a, b] = [integers, floats].map((network) => network.runSync(feeds).logits.data);
  const gaps = a.map((value, i) => Math.abs(value - b[i]));
  const largest = Math.max(...b.map(Math.abs));
  assert.ok(Math.max(...gaps) > 0 && Math.max(...gaps) < 0.1 * largest, `${gaps}`);
  for (const closing of [integers, floats, net]) closing.close();
});

test('a quantised network is timed beside its float form', async () => {
  const { model } = await quantize('shapes', drawn(4));
  const timed = await networkContenders(model, { threads: 1, peers: false });
  assert.deepEqual(timed.map(({ name }) => name), ['minnow', 'minnow, in floats']);
  const [integers, floats] = timed.map(({ run }) => run(0).logits.data);
  assert.notDeepEqual(integers, floats);
  for (const { close } of timed) close();
  const [alone, ...others] = await networkContenders('shapes', { threads: 1, peers: false });
  assert.deepEqual(others, []);
  alone.close();
});

test('from 20 pictures on the tested ones are others than the calibrating ones', async () => {
  const few = (await quantize('shapes', drawn(19))).report;
  assert.deepEqual([few.calibrated, few.tested, few.heldOut], [19, 19, false]);
  const many = (await quantize('shapes', drawn(30), { calibration: 12 })).report;
  assert.deepEqual([many.calibrated, many.tested, many.heldOut], [12, 18, true]);
  const half = (await quantize('shapes', drawn(20))).report;
  assert.deepEqual([half.calibrated, half.tested], [10, 10]);
});

test('the report counts agreement, and right answers where labels are given', async () => {
  const examples = drawn(24);
  const { report } = await quantize('shapes', examples);
  assert.equal(report.labelled, 12);
  assert.ok(report.agreement >= 11 / 12);
  assert.ok(report.floatTop1 >= 11 / 12 && report.quantizedTop1 >= 11 / 12);
  assert.ok(report.signalToNoiseDb > 25, `${report.signalToNoiseDb}`);
  const wrong = examples.map(({ image }) => ({ image, label: 'no such shape' }));
  const { report: none } = await quantize('shapes', wrong);
  assert.deepEqual([none.floatTop1, none.quantizedTop1], [0, 0]);
  const { report: unlabelled } = await quantize('shapes', examples.map(({ image }) => image));
  assert.deepEqual([unlabelled.labelled, unlabelled.floatTop1], [0, null]);
});

test('choices that are given are the ones that are made', async () => {
  for (const choice of [true, false]) {
    const options = { equalize: choice, biasCorrection: choice, range: 'percentile', percentile: 99.9 };
    const { report } = await quantize('shapes', drawn(4), options);
    assert.deepEqual([report.equalized, report.biasCorrected], [choice, choice]);
  }
});

test('the same pictures give the same file, whatever the number of threads', async () => {
  const one = await quantize('shapes', drawn(6), { threads: 1 });
  const two = await quantize('shapes', drawn(6), { threads: 2 });
  assert.deepEqual(Buffer.from(one.model), Buffer.from(two.model));
});

test('a generator of images is as good as a list', async () => {
  async function* images() {
    yield* drawn(3);
  }
  assert.equal((await quantize('shapes', images())).report.calibrated, 3);
});

test('wrong arguments are refused before anything is loaded', async () => {
  const images = drawn(1);
  for (const [args, code] of [
    [['no-such-model', 7], 'ERR_INVALID_ARG_TYPE'],
    [['no-such-model', []], 'ERR_OUT_OF_RANGE'],
    [['no-such-model', [{ image: images[0].image, label: {} }]], 'ERR_INVALID_ARG_TYPE'],
    [['no-such-model', images, { range: 'best' }], 'ERR_OUT_OF_RANGE'],
    [['no-such-model', images, { percentile: 50 }], 'ERR_OUT_OF_RANGE'],
    [['no-such-model', images, { percentile: 'all' }], 'ERR_INVALID_ARG_TYPE'],
    [['no-such-model', images, { equalize: 'on' }], 'ERR_INVALID_ARG_TYPE'],
    [['no-such-model', images, { calibration: 0 }], 'ERR_OUT_OF_RANGE'],
    [['no-such-model', images], 'ERR_NOT_FOUND'],
  ]) {
    await assert.rejects(quantize(...args), { code });
  }
});

test('a bad picture, a quantised network and an abort end it with their own errors', async () => {
  await assert.rejects(quantize('shapes', [new Uint8Array(9)]), { code: 'ERR_INVALID_IMAGE' });
  const { model } = await quantize('shapes', drawn(2));
  await assert.rejects(quantize(model, drawn(2)), {
    code: 'ERR_UNSUPPORTED',
    message: 'quantize: the network is quantised already',
  });
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(quantize('shapes', drawn(2), { signal }), { message: 'enough' });
  const controller = new AbortController();
  const promise = quantize('shapes', drawn(30), { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('later')), 100);
  await assert.rejects(promise, { message: 'later' });
});
