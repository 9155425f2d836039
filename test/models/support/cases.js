// Which networks have reference outputs, and how close must we come?
'use strict';

const crypto = require('node:crypto');
const { Model } = require('../../../lib/index.js');
const { dataFile, readNpy } = require('../../lib/support/data.js');

const IMAGES = ['golden_retriever', 'grace_hopper'];
const NHWC = 'input_nhwc';
const NCHW = 'input_nchw_imagenet_norm';

/** Softmax outputs: largest absolute difference. Logits: relative to the largest logit. */
const WITHIN_ABSOLUTE = 2e-6;
const WITHIN_RELATIVE = 1e-4;

function makeCase(model, input, output, image, absolute) {
  return {
    name: `${model} on ${image}`,
    model: `models/${model}`,
    input: `reference/${image}_${input}.npy`,
    output: `reference/${image}_${output}.npy`,
    absolute,
  };
}

/** @type {Array<{name: string, model: string, input: string, output: string, absolute: boolean}>} */
const CASES = [
  ...IMAGES.flatMap((image) => [
    makeCase('mobilenet_v2_1.0_224_frozen.pb', NHWC, 'v2_1.0_softmax', image, true),
    makeCase('mobilenet_v2_1.4_224_synthetic_frozen.pb', NHWC, 'v2_1.4_synthetic_softmax', image, true),
    makeCase('mobilenetv2_1.0_224.onnx', NCHW, 'v2_1.0_logits_1000', image, false),
    makeCase('mobilenet_v2_1.0_224.pt', NCHW, 'v2_1.0_logits_1000', image, false),
  ]),
  makeCase('squeezenet1_1_synthetic.onnx', NCHW, 'squeezenet1_1_synthetic', IMAGES[0], false),
  makeCase('mobilenet_v3_small_synthetic.onnx', NCHW, 'mobilenet_v3_small_synthetic', IMAGES[0], false),
  makeCase('mobilenet_v3_small_synthetic_scripted.pt', NCHW, 'mobilenet_v3_small_synthetic', IMAGES[0], false),
];

function largest(values, of) {
  return values.reduce((most, value, i) => Math.max(most, of(value, i)), 0);
}

/**
 * Runs one case.
 * @returns {{difference: number, limit: number, hash: string}} the largest difference to the
 *   reference, what is allowed, and a hash of the output's bytes
 */
function runCase({ model: file, input, output, absolute }, threads) {
  const model = Model.loadSync(dataFile(file), { threads });
  const wanted = readNpy(dataFile(output)).data;
  const feed = readNpy(dataFile(input));
  const shape = feed.shape.length === 3 ? [1, ...feed.shape] : feed.shape;
  const result = model.runSync({ [model.inputs[0].name]: { data: feed.data, shape } });
  model.close();
  const { data } = result[model.outputs[0].name];
  if (data.length !== wanted.length) throw new Error(`${data.length} outputs, not ${wanted.length}`);
  const difference = largest(data, (value, i) => {
    const gap = Math.abs(value - wanted[i]);
    return Number.isNaN(gap) ? Infinity : gap;
  });
  const limit = absolute ? WITHIN_ABSOLUTE : WITHIN_RELATIVE * largest(wanted, Math.abs);
  const hash = crypto.createHash('sha256').update(new Uint8Array(data.buffer)).digest('hex');
  return { difference, limit, hash };
}

module.exports = { CASES, runCase };

// As a program: all cases that are named by index, for one number of threads after the other; one
// JSON object a line.
if (require.main === module) {
  const [threads, ...indices] = process.argv.slice(2);
  for (const index of indices.map(Number)) {
    for (const count of threads.split(',').map(Number)) {
      const { difference, limit, hash } = runCase(CASES[index], count);
      console.log(JSON.stringify({ index, threads: count, difference, limit, hash }));
    }
  }
}
