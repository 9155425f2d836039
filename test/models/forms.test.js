// Do the files of one network in several formats agree with each other?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Model } = require('../../lib/index.js');
const { dataFile, readNpy, skipWithout } = require('../lib/support/data.js');

const IMAGES = ['golden_retriever', 'grace_hopper'];
const CLASSES = 1000;
/** Largest difference of two logits. */
const WITHIN = 1e-4;
/** Between files whose first convolution pads with another grey: 127.5, or ImageNet's mean. */
const WITHIN_OF_OTHER_BORDER = 0.1;

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
 * Logits of the classes that all forms have, less the logarithm of their sum of exponentials: what
 * softmax and logits, with the background class and without, can be compared by.
 */
function logits(form, image) {
  const model = Model.loadSync(dataFile(form.file));
  const { data } = Object.values(model.runSync({ [model.inputs[0].name]: form.input(image) }))[0];
  const { output } = model.describe();
  model.close();
  const real = [...data.subarray(data.length - CLASSES)];
  const scores = output === 'probabilities' ? real.map(Math.log) : real;
  const most = Math.max(...scores);
  const sum = most + Math.log(scores.reduce((total, score) => total + Math.exp(score - most), 0));
  return scores.map((score) => score - sum);
}

const needed = [
  ...FORMS.map(({ file }) => file),
  ...IMAGES.flatMap((image) => ['nhwc', 'nchw_imagenet_norm'].map((kind) => `reference/${image}_input_${kind}.npy`)),
];
for (const image of IMAGES) {
  test(`${FORMS.length} forms of MobileNetV2 agree on the logits of ${image}`, { skip: skipWithout(...needed) }, (t) => {
    const all = FORMS.map((form) => logits(form, image));
    for (let a = 0; a < all.length; a++) {
      for (let b = a + 1; b < all.length; b++) {
        const largest = Math.max(...all[a].map((value, i) => Math.abs(value - all[b][i])));
        const limit = FORMS[a].border === FORMS[b].border ? WITHIN : WITHIN_OF_OTHER_BORDER;
        t.diagnostic(`${FORMS[a].file} and ${FORMS[b].file}: ${largest.toExponential(2)}`);
        assert.ok(largest <= limit, `${FORMS[a].file} and ${FORMS[b].file} differ by ${largest}`);
      }
    }
  });
}
