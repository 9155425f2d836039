// Do the files of one network in several formats agree with each other?
//
// There are two families: the first convolution pads with 127.5 in TensorFlow's files, with
// ImageNet's mean in PyTorch's. Their references differ by 0.05 themselves, so that a file is to
// agree with those of its own family, and with its reference.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Model } = require('../../lib/index.js');
const { dataFile, readNpy, skipWithout } = require('../lib/support/data.js');

const IMAGES = ['golden_retriever', 'grace_hopper'];
const CLASSES = 1000;
/** Largest difference of two logits. */
const WITHIN = 1e-4;
const REFERENCES = { grey: 'v2_1.0_softmax', mean: 'v2_1.0_logits_1000' };

const inputOf = (image, kind) => readNpy(dataFile(`reference/${image}_input_${kind}.npy`)).data;

/** Pixels in 0..255, blue first, channels first. */
function bgrPlanes(image) {
  const pixels = inputOf(image, 'nhwc');
  const count = pixels.length / 3;
  return Float32Array.from(pixels, (_, i) => {
    const channel = 2 - Math.floor(i / count);
    return (pixels[(i % count) * 3 + channel] + 1) * 127.5;
  });
}

const FORMS = [
  ['mobilenet_v2_1.0_224_frozen.pb', 'grey', (image) => inputOf(image, 'nhwc')],
  ['mobilenet_v2_1.0_224.xml', 'grey', bgrPlanes],
  ['mobilenetv2_1.0_224.onnx', 'mean', (image) => inputOf(image, 'nchw_imagenet_norm')],
  ['mobilenet_v2_1.0_224.pt', 'mean', (image) => inputOf(image, 'nchw_imagenet_norm')],
].map(([file, border, input]) => ({ file: `models/${file}`, border, input }));

/**
 * Scores of the classes that all forms have, as logits less the logarithm of their sum of
 * exponentials: what softmax and logits, with the background class and without, compare by.
 */
function comparable(scores, areProbabilities) {
  const real = [...scores.subarray(scores.length - CLASSES)];
  const logits = areProbabilities ? real.map(Math.log) : real;
  const most = Math.max(...logits);
  const sum = most + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - most), 0));
  return logits.map((logit) => logit - sum);
}

function logitsOf(form, image) {
  const model = Model.loadSync(dataFile(form.file));
  const { data } = Object.values(model.runSync({ [model.inputs[0].name]: form.input(image) }))[0];
  const { output } = model.describe();
  model.close();
  return comparable(data, output === 'probabilities');
}

const referenceFile = (image, border) => `reference/${image}_${REFERENCES[border]}.npy`;
const referenceOf = (image, border) =>
  comparable(readNpy(dataFile(referenceFile(image, border))).data, border === 'grey');

const largestDifference = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

const needed = [
  ...FORMS.map(({ file }) => file),
  ...IMAGES.flatMap((image) => ['nhwc', 'nchw_imagenet_norm'].map((kind) => `reference/${image}_input_${kind}.npy`)),
  ...IMAGES.flatMap((image) => Object.keys(REFERENCES).map((border) => referenceFile(image, border))),
];
for (const image of IMAGES) {
  test(`${FORMS.length} forms of MobileNetV2 agree on the logits of ${image}`, { skip: skipWithout(...needed) }, (t) => {
    const sources = [
      ...FORMS.map((form) => ({ name: form.file, border: form.border, logits: logitsOf(form, image) })),
      ...Object.keys(REFERENCES).map((border) =>
        ({ name: referenceFile(image, border), border, logits: referenceOf(image, border) })),
    ];
    for (const [i, a] of sources.entries()) {
      for (const b of sources.slice(i + 1)) {
        const largest = largestDifference(a.logits, b.logits);
        t.diagnostic(`${a.name} and ${b.name}: ${largest.toExponential(2)}`);
        if (a.border === b.border) assert.ok(largest <= WITHIN, `${a.name} and ${b.name} differ by ${largest}`);
      }
    }
  });
}
