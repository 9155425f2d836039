// `minnow quantize`: make a float network one of integers, and say what that costs it.
'use strict';

const path = require('node:path');
const { quantize } = require('../index.js');
const { writeWhole } = require('../io.js');
const { CliError, UsageError } = require('./errors.js');
const { STDIN, expand } = require('./files.js');
const { RUN_HELP, RUN_OPTIONS, choice, loadOptions, wholeNumber } = require('./options.js');
const { painter, printable, table } = require('./terminal.js');

const PREPROCESS = ['tf', 'unit', 'imagenet', 'caffe-bgr', 'none'];
const RESIZE = ['stretch', 'crop'];
const RANGES = ['mse', 'percentile', 'minmax'];
const CHOICES = ['auto', 'on', 'off'];

const options = {
  ...RUN_OPTIONS,
  out: { type: 'string', short: 'o' },
  labels: { type: 'string' },
  labelled: { type: 'boolean' },
  preprocess: { type: 'string', choices: PREPROCESS },
  resize: { type: 'string', choices: RESIZE },
  range: { type: 'string', choices: RANGES },
  percentile: { type: 'string' },
  equalize: { type: 'string', choices: CHOICES },
  'bias-correction': { type: 'string', choices: CHOICES },
  calibration: { type: 'string' },
  json: { type: 'boolean' },
};

const help = `Usage: minnow quantize MODEL IMAGE... --out FILE [OPTIONS]

Writes an ONNX file in which a float network computes with 8-bit integers, and reports how much of
its accuracy is left. The ranges of the integers come from the pictures, which should be like those
that the network is for, some hundred of them; folders are searched. From 20 pictures on, half of
them at most calibrate (see --calibration) and the others test.

Options:
  -o, --out FILE         the ONNX file to write
      --labelled         the folder of each picture is named after its class, by label or index:
                         report how often both networks are right
      --range HOW        of an activation: percentile (default), mse (least squared error), or minmax
      --percentile P     percent of the values inside, for --range percentile (default 99.999)
      --equalize WHEN    cross-layer equalisation: on, off, or auto: where it helps on
                         the calibration pictures (default auto)
      --bias-correction WHEN
                         biases make up for rounded weights: on, off or auto (default auto)
      --calibration N    pictures to calibrate with, at most (default 100)
      --labels LABELS    a file with one label a line, or a model of the catalog
      --preprocess KIND  ${PREPROCESS.join(', ')}
                         (default: what the catalog says, else what the format usually has)
      --resize MODE      stretch (default) or crop
      --json             the report as one JSON object
${RUN_HELP}  -h, --help             this text

Examples:
  minnow quantize mobilenet_v2_1.0_224_frozen.pb photos/ --out mobilenet_v2_int8.onnx
  minnow quantize shapes drawn/ --labelled --out shapes_int8.onnx --json
  minnow classify photo.jpg --model mobilenet_v2_int8.onnx --preprocess tf

Exit codes: 0 written, 1 failed, 2 wrong usage
`;

/** "99.9" to 99.9. */
function percentileOf({ percentile: text }) {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value > 50 && value <= 100) return value;
  throw new UsageError(`--percentile must be a number above 50, at most 100, not '${text}'`);
}

function switchOf(values, name) {
  const value = choice(values, name, CHOICES) ?? 'auto';
  return value === 'auto' ? value : value === 'on';
}

/** The class that the folder of a picture is named after. */
function labelOfFolder(file) {
  const name = path.basename(path.dirname(path.resolve(file)));
  return /^\d+$/.test(name) ? Number(name) : name;
}

const percent = (rate) => `${(100 * rate).toFixed(2)} %`;

function textOf(file, report) {
  const paint = painter(process.stdout);
  const tested = report.heldOut ? `${report.tested} other pictures` : 'the same pictures';
  const rows = [
    [' ', 'agreement with float', percent(report.agreement)],
    [' ', 'signal to noise', `${report.signalToNoiseDb.toFixed(1)} dB`],
  ];
  if (report.labelled > 0) {
    rows.push([' ', 'right, float', percent(report.floatTop1)]);
    rows.push([' ', 'right, quantised', percent(report.quantizedTop1)]);
  }
  rows.push([' ', 'products in integers', report.products]);
  rows.push([' ', 'operators left real', report.realOperators.length]);
  rows.push([' ', 'equalised', report.equalized ? 'yes' : 'no']);
  rows.push([' ', 'biases corrected', report.biasCorrected ? 'yes' : 'no']);
  return [
    `${paint.bold(printable(file))}: ${(report.bytes / 2 ** 20).toFixed(2)} MiB`,
    `calibrated on ${report.calibrated} pictures, tested on ${tested}`,
    table(rows),
  ].join('\n');
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  const [source, ...rest] = operands;
  if (source === undefined) throw new UsageError('no model given');
  if (rest.length === 0) throw new UsageError('no image given');
  if (rest.includes(STDIN)) throw new UsageError('pictures are read from files, not from -');
  if (values.out === undefined) throw new UsageError('--out is missing');
  const settings = {
    ...loadOptions(values),
    labels: values.labels,
    preprocess: choice(values, 'preprocess', PREPROCESS),
    resize: choice(values, 'resize', RESIZE),
    range: choice(values, 'range', RANGES),
    percentile: percentileOf(values),
    equalize: switchOf(values, 'equalize'),
    biasCorrection: switchOf(values, 'bias-correction'),
    calibration: wholeNumber(values, 'calibration', 1, 10_000),
  };
  const files = expand(rest);
  if (files.length === 0) throw new CliError(`no images in ${rest.join(', ')}`);
  const images = values.labelled
    ? files.map((image) => ({ image, label: labelOfFolder(image) }))
    : files;
  const { model, report } = await quantize(source, images, settings);
  await writeWhole(values.out, model);
  process.stdout.write(
    values.json ? `${JSON.stringify({ file: values.out, ...report })}\n` : textOf(values.out, report),
  );
  return 0;
}

module.exports = { summary: 'make a float network one of 8-bit integers', options, help, run };
