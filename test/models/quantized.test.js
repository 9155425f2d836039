// Do quantised networks classify, and do their integers come out as they should?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { MobileNet, Model } = require('../../lib/index.js');
const { dataFile, readNpy, skipWithout } = require('../lib/support/data.js');

const IMAGES = ['golden_retriever', 'grace_hopper'];
const TFLITE = ['mobilenet_v2_1.0_224_quant', 'tf2_mobilenet_v2_1.0_224_ptq'];
const QDQ = 'models/mobilenetv2_1.0_224_qdq.onnx';
const BIRDS = 'models/aiy_birds_V1_3.tflite';
const TOP1 = { golden_retriever: 208, grace_hopper: 653 };

function indexOfLargest(values) {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

for (const name of TFLITE) {
  for (const image of IMAGES) {
    const input = `reference/${image}_input_u8_nhwc.npy`;
    const output = `reference/${image}_${name}.npy`;
    const skip = skipWithout(`models/${name}.tflite`, input, output);
    test(`${name} on ${image} is within 1 of its reference`, { skip }, () => {
      const model = Model.loadSync(dataFile('models', `${name}.tflite`));
      assert.equal(model.format, 'tflite');
      const wanted = readNpy(dataFile(output)).data;
      const feed = { data: readNpy(dataFile(input)).data, shape: [1, 224, 224, 3] };
      const { data } = model.runSync({ [model.inputs[0].name]: feed })[model.outputs[0].name];
      model.close();
      assert.ok(data instanceof Uint8Array);
      assert.equal(data.length, wanted.length);
      data.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) <= 1, `class ${i}`));
      assert.equal(indexOfLargest(data), TOP1[image]);
    });
  }
}

for (const image of IMAGES) {
  const input = `reference/${image}_input_nhwc.npy`;
  test(`the ONNX model with quantize nodes finds the class of ${image}`, { skip: skipWithout(QDQ, input) }, () => {
    const model = Model.loadSync(dataFile(QDQ));
    const pixels = readNpy(dataFile(input)).data;
    const planes = Float32Array.from(pixels, (_, i) => pixels[(i % (224 * 224)) * 3 + Math.floor(i / (224 * 224))]);
    const feed = { data: planes, shape: [1, 3, 224, 224] };
    const { data } = model.runSync({ [model.inputs[0].name]: feed })[model.outputs[0].name];
    model.close();
    assert.equal(indexOfLargest(data), TOP1[image]);
  });
}

// 166 (198), 158 (2), 34 (1), 778 (1), 819 (1), in 256ths, is published for the pixels of a guest that
// decodes the picture itself: test/src/wasi_nn/birds_test.cc. Ours are libjpeg-turbo's.
test('bird.jpg is the bird that it should be', { skip: skipWithout(BIRDS, 'images/bird.jpg') }, async () => {
  const net = await MobileNet.load(dataFile(BIRDS));
  const predictions = await net.classify(dataFile('images/bird.jpg'), { topK: 12 });
  net.close?.();
  const steps = new Map(predictions.map(({ index, probability }) => [index, probability * 256]));
  assert.equal(predictions[0].index, 166);
  for (const [index, wanted] of [[166, 198], [158, 2], [34, 1], [778, 1], [819, 1]]) {
    assert.ok(Math.abs(steps.get(index) - wanted) <= 2, `class ${index}: ${steps.get(index)}`);
  }
});

const QUANT = `models/${TFLITE[0]}.tflite`;
test('a quantised model says what its integers stand for', { skip: skipWithout(QUANT) }, () => {
  const model = Model.loadSync(dataFile(QUANT));
  assert.equal(model.inputs[0].dtype, 'u8');
  assert.deepEqual(model.inputs[0].quantization, { scales: [1 / 128], zeroPoints: [128], axis: 0 });
  assert.deepEqual(model.outputs[0].quantization, { scales: [1 / 256], zeroPoints: [0], axis: 0 });
  assert.ok(Object.isFrozen(model.inputs[0].quantization.scales));
  model.close();
});
