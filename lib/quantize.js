// How does a float network become one of integers, and what does that cost it?
'use strict';

const addon = require('./binding.js');
const { runJob } = require('./jobs.js');
const { labelOf } = require('./labels.js');
const { MobileNet, preprocessOf } = require('./mobilenet.js');
const { Model, nativeOf } = require('./model.js');
const { orderedMap } = require('./stream.js');
const validate = require('./validate.js');

const RANGES = ['mse', 'percentile', 'minmax'];
const DEFAULT_PERCENTILE = 99.999;
const DEFAULT_CALIBRATION = 100;
/** With fewer pictures none are held back from calibration. */
const MIN_TO_HOLD_OUT = 20;

function checkChoice(value, name) {
  if (value === undefined || value === 'auto') return 'auto';
  if (typeof value !== 'boolean') throw validate.wrongType("true, false or 'auto'", name, value);
  return value ? 'on' : 'off';
}

function checkOptions(value) {
  const options = validate.options(value);
  const percentile = options.percentile ?? DEFAULT_PERCENTILE;
  if (!validate.is.number(percentile)) throw validate.wrongType('a number', 'percentile', percentile);
  if (percentile <= 50 || percentile > 100) {
    throw validate.outOfRange('a number above 50, at most 100', 'percentile', percentile);
  }
  return {
    range: validate.oneOf(options.range, 'range', RANGES, 'percentile'),
    percentile,
    equalize: checkChoice(options.equalize, 'equalize'),
    biasCorrection: checkChoice(options.biasCorrection, 'biasCorrection'),
    calibration: validate.integer(options.calibration, 'calibration', 1, 10_000, DEFAULT_CALIBRATION),
    signal: validate.signal(options.signal),
  };
}

/** `{image, label}` or an image alone. */
function checkExample(value) {
  const isPair = validate.is.object(value) && 'image' in value;
  const { image, label } = isPair ? value : { image: value };
  if (label !== undefined && !validate.is.integer(label) && !validate.is.string(label)) {
    throw validate.wrongType('a class index or a label', 'label', label);
  }
  return { image, label };
}

async function collect(images) {
  if (!validate.is.iterable(images)) {
    throw validate.wrongType('an iterable of images', 'images', images);
  }
  const examples = [];
  for await (const value of images) examples.push(checkExample(value));
  if (examples.length === 0) throw validate.outOfRange('at least one image', 'images', images);
  return examples;
}

/** Which examples calibrate, spread evenly, and which the result is tested on. */
function split(examples, calibration) {
  const count = examples.length;
  const heldOut = count >= MIN_TO_HOLD_OUT;
  const wanted = Math.min(calibration, heldOut ? Math.floor(count / 2) : count);
  const spread = Array.from({ length: wanted }, (_, i) => Math.floor((i * count) / wanted));
  const chosen = new Set(spread);
  return {
    heldOut,
    calibrating: examples.filter((_, i) => chosen.has(i)),
    testing: heldOut ? examples.filter((_, i) => !chosen.has(i)) : examples,
  };
}

function bestOf(scores) {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
  return best;
}

/** How often both networks agree, and how often each is right where a label says what is. */
async function compare(net, quantized, testing, signal) {
  const counts = { agreed: 0, labelled: 0, floatRight: 0, quantizedRight: 0 };
  const work = async ({ image, label }, _, inner) => {
    const tensor = await preprocessOf(net, image, inner);
    const answers = [];
    for (const model of [net.model, quantized]) {
      const outputs = await model.run({ [model.inputs[0].name]: tensor }, { signal: inner });
      answers.push(bestOf(outputs[model.outputs[0].name].data));
    }
    return { answers, label };
  };
  const options = { concurrency: net.model.threads, signal };
  for await (const { answers: [real, integer], label } of orderedMap(testing, work, options)) {
    if (real === integer) counts.agreed++;
    if (label === undefined) continue;
    const isRight = (index) => index === label || labelOf(net.labels, index) === label;
    counts.labelled++;
    if (isRight(real)) counts.floatRight++;
    if (isRight(integer)) counts.quantizedRight++;
  }
  return counts;
}

/**
 * Quantises a float image network after training: 8-bit weights with one scale an output channel,
 * 8-bit activations whose ranges are taken from pictures. Runs on minnow's own threads.
 *
 * @param {string|URL|Uint8Array|ArrayBuffer|Array} model as for {@link MobileNet.load}; a float
 *   network of any format
 * @param {Iterable|AsyncIterable} images pictures like those that the network is for, some hundred:
 *   as for {@link MobileNet#classify}, or `{image, label}` with the right class's index or label.
 *   From 20 pictures on, those that calibrate and those that the report is about are disjoint
 * @param {object} [options] also all of {@link MobileNet.load}
 * @param {'mse'|'percentile'|'minmax'} [options.range='percentile'] how the range of an activation
 *   is chosen: least squared error, or a part of the values, or all values inside
 * @param {number} [options.percentile=99.999] percent of the values inside, for 'percentile'; above
 *   50, at most 100
 * @param {boolean|'auto'} [options.equalize='auto'] cross-layer equalisation; 'auto': where it
 *   brings the output clearly nearer to the float network's on the calibration pictures
 * @param {boolean|'auto'} [options.biasCorrection='auto'] likewise: biases take back how rounding
 *   weights shifts the mean of a channel
 * @param {number} [options.calibration=100] pictures to calibrate with at most, 1 to 10000; never
 *   more than half of 20 or more. All are kept in memory as tensors
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<{model: Uint8Array, report: object}>} `model`: an ONNX file (opset 14,
 *   QuantizeLinear and DequantizeLinear around float operators), inputs and outputs as before;
 *   `report`: see `QuantizeReport` in index.d.ts
 * @throws {TypeError|RangeError} wrong arguments
 * @throws {MinnowError} what load and classify throw; ERR_UNSUPPORTED: a network that is quantised
 *   already, has nothing to quantise, or has an operator that cannot be written as ONNX
 * @example
 * const grey = (level) => ({ data: new Uint8Array(96 * 96).fill(level), width: 96, height: 96 });
 * const { model, report } = await quantize('shapes', [grey(0), grey(128), grey(255)]);
 * console.log(model.length, report.agreement);
 */
async function quantize(model, images, options) {
  const { signal, calibration, ...choices } = checkOptions(options);
  const examples = await collect(images);
  const net = await MobileNet.load(model, options);
  let quantized;
  try {
    const { heldOut, calibrating, testing } = split(examples, calibration);
    const pictures = [];
    const work = ({ image }, _, inner) => preprocessOf(net, image, inner);
    const limits = { concurrency: net.model.threads, signal };
    for await (const tensor of orderedMap(calibrating, work, limits)) pictures.push(tensor);
    const how = { ...choices, threads: net.model.threads };
    const { bytes, ...facts } = await runJob(signal, (token) =>
      addon.quantize(nativeOf(net.model), pictures, how, token),
    );
    pictures.length = 0;
    quantized = await Model.load(bytes, { threads: net.model.threads, format: 'onnx', signal });
    const counts = await compare(net, quantized, testing, signal);
    const rate = (hits, count) => (count === 0 ? null : hits / count);
    const report = {
      calibrated: calibrating.length,
      tested: testing.length,
      heldOut,
      agreement: counts.agreed / testing.length,
      labelled: counts.labelled,
      floatTop1: rate(counts.floatRight, counts.labelled),
      quantizedTop1: rate(counts.quantizedRight, counts.labelled),
      signalToNoiseDb: facts.signalToNoiseDb,
      equalized: facts.equalized,
      biasCorrected: facts.biasCorrected,
      products: facts.products,
      realOperators: facts.realOperators,
      bytes: bytes.length,
      preprocess: net.preprocess,
    };
    return { model: bytes, report };
  } finally {
    quantized?.close();
    net.close();
  }
}

module.exports = { quantize };
