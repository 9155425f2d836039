// Does MobileNetV2 see in real photographs what it should?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const test = require('node:test');
const { MobileNet } = require('../../lib/index.js');
const { dataFile, skipWithout } = require('../lib/support/data.js');
const { script } = require('../lib/support/child.js');

const MODEL = 'models/mobilenet_v2_1.0_224_frozen.pb';
const LABELS = 'models/imagenet_labels_1001.txt';
// Decoders differ by a level here and there, and large JPEG files are decoded at a reduced size.
const PROBABILITY_WITHIN = 0.05;

const EXPECTED = [
  ['golden-retriever.jpeg', 208, 'golden retriever', 0.97],
  ['husky.jpeg', 249, 'Eskimo dog, husky', 0.37],
  ['grace_hopper.jpg', 653, 'military uniform', 0.7],
  ['banana.jpg', 955, 'banana', 0.93],
  ['dog.jpg', 208, 'golden retriever', 0.86],
  ['cat_720p.jpg', 286, 'Egyptian cat', 0.61],
  ['parrot.jpg', 89, 'macaw', 0.92],
  ['mushroom.jpg', 948, 'mushroom', 0.75],
  ['cat_1080p.jpg', 286, 'Egyptian cat', null],
];

let loaded;
function network() {
  loaded ??= MobileNet.load(dataFile(MODEL), { labels: dataFile(LABELS) });
  return loaded;
}

for (const [file, index, label, probability] of EXPECTED) {
  const image = `images/${file}`;
  test(`${file} is ${label}`, { skip: skipWithout(MODEL, LABELS, image) }, async () => {
    const net = await network();
    const [best] = await net.classify(dataFile(image));
    assert.equal(best.index, index);
    assert.equal(best.label, label);
    if (probability !== null) {
      assert.ok(Math.abs(best.probability - probability) < PROBABILITY_WITHIN, `${best.probability}`);
    }
    assert.deepEqual(net.classifySync(fs.readFileSync(dataFile(image)))[0], best);
  });
}

test('the TensorFlow file gets its preprocessing by its format', { skip: skipWithout(MODEL, LABELS) }, async () => {
  const { preprocess } = await network();
  assert.equal(preprocess.name, 'tf');
  assert.equal(preprocess.source, 'format default');
  assert.equal(preprocess.layout, 'NHWC');
  assert.deepEqual([preprocess.width, preprocess.height], [224, 224]);
});

const ONNX = 'models/mobilenetv2_1.0_224.onnx';
test('the ONNX file agrees, with a line of labels less and logits made probabilities',
  { skip: skipWithout(ONNX, LABELS, 'images/golden-retriever.jpeg') }, async () => {
    const net = await MobileNet.load(dataFile(ONNX), { labels: dataFile(LABELS) });
    assert.equal(net.preprocess.name, 'imagenet');
    assert.equal(net.labels.length, 1000);
    const [best] = await net.classify(dataFile('images/golden-retriever.jpeg'));
    assert.equal(best.index, 207);
    assert.equal(best.label, 'golden retriever');
    assert.ok(best.probability > 0.9 && best.probability <= 1, `${best.probability}`);
  });

test('a file that is neither JPEG nor PNG is ERR_INVALID_IMAGE',
  { skip: skipWithout(MODEL, LABELS, 'images/cat.bmp') }, async () => {
    const net = await network();
    await assert.rejects(net.classify(dataFile('images/cat.bmp')), { code: 'ERR_INVALID_IMAGE' });
  });

test('a classification of the big network stops soon after its abort',
  { skip: skipWithout(MODEL, LABELS, 'images/cat_1080p.jpg') }, async () => {
    const net = await network();
    const bytes = fs.readFileSync(dataFile('images/cat_1080p.jpg'));
    const controller = new AbortController();
    const jobs = Array.from({ length: 16 }, () => net.classify(bytes, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 5);
    const results = await Promise.allSettled(jobs);
    for (const { status, reason } of results) {
      if (status === 'rejected') assert.equal(reason, controller.signal.reason);
    }
    assert.ok(results.some(({ status }) => status === 'rejected'));
    assert.equal((await net.classify(bytes)).length, 5);
  });

test('the demo prints its three lines a picture, dog pictures first, and the guests agree',
  { skip: skipWithout(MODEL, LABELS, 'images/husky.jpeg') }, async () => {
    const { code, stdout } = await script("require('./test.js')");
    assert.equal(code, 0);
    const guests = /^(wasi-nn guest|pure Wasm): +\d+ ms {2}([^;\n]*).*\n/gm;
    assert.match(
      stdout.replace(guests, ''),
      new RegExp(
        '^predicting on file {2}golden-retriever\\.jpeg\ninference time: {2}\\d+ ms\n' +
          'prediction: {2}golden retriever\npredicting on file {2}husky\\.jpeg\n' +
          'inference time: {2}\\d+ ms\nprediction: {2}Eskimo dog, husky\n',
      ),
    );
    for (const block of stdout.split(/^(?=predicting on file)/m)) {
      const [, label] = /^prediction: {2}(.*)$/m.exec(block);
      const answers = [...block.matchAll(guests)].map(([, , answer]) => answer);
      assert.deepEqual(answers, [label, label], block);
    }
  });
