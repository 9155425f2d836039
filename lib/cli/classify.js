// `minnow classify`: what is in these pictures?
'use strict';

const fs = require('node:fs');
const { MobileNet } = require('../index.js');
const { CliError, UsageError } = require('./errors.js');
const { STDIN, expand, readStdin } = require('./files.js');
const { RUN_HELP, RUN_OPTIONS, choice, loadOptions, wholeNumber } = require('./options.js');
const { Report } = require('./report.js');
const { Progress, painter, printable, table } = require('./terminal.js');

const PREPROCESS = ['tf', 'unit', 'imagenet', 'caffe-bgr', 'none'];
const BAR_WIDTH = 20;

const options = {
  ...RUN_OPTIONS,
  model: { type: 'string', short: 'm' },
  top: { type: 'string', short: 'k' },
  labels: { type: 'string' },
  preprocess: { type: 'string' },
  resize: { type: 'string' },
  json: { type: 'boolean' },
  html: { type: 'string' },
};

const help = `Usage: minnow classify IMAGE... [OPTIONS]

Says what is in each picture. IMAGE is a JPEG or PNG file, a folder (searched for *.jpg, *.jpeg
and *.png, also below), or - for standard input.

Options:
  -k, --top N            how many classes to show (default 5)
  -m, --model MODEL      a file, a folder with a model.json, or a name from the catalog
                         (default: shapes, the small model that comes with minnow)
${RUN_HELP}      --labels LABELS    a file with one label a line, or a model of the catalog
      --preprocess KIND  ${PREPROCESS.join(', ')}
                         (default: what the catalog says, else tf for TensorFlow, imagenet for ONNX)
      --resize MODE      stretch (default) or crop
      --json             one JSON object a line: {"file","predictions":[{"index","label",
                         "probability"}],"ms":{"decode","infer","total"}}, or
                         {"file","error":{"code","message"}}
      --html FILE        also write a page with the pictures and the results
  -h, --help             this text

Examples:
  minnow classify photo.jpg
  minnow classify photos/ --json | jq -r 'select(.predictions) | .file, .predictions[0].label'
  curl -s https://example.org/cat.jpg | minnow classify -
  minnow classify photos/ --model mobilenet_v2_1.0_224_frozen.pb --labels labels.txt --html out.html

Exit codes: 0 all pictures were classified, 1 some were not, 2 wrong usage
`;

function bar(probability) {
  const filled = Math.round(probability * BAR_WIDTH);
  return '\u2588'.repeat(filled) + '\u2591'.repeat(BAR_WIDTH - filled);
}

function textOf(file, result, paint) {
  if (result.error) {
    return `${paint.bold(printable(file))}\n  ${paint.red('error')} ${printable(result.error.message)}\n`;
  }
  const { decode, infer } = result.ms;
  const times = paint.dim(`decode ${decode.toFixed(1)} ms, infer ${infer.toFixed(1)} ms`);
  const rows = result.predictions.map(({ index, label, probability }) => [
    ' ', `${(100 * probability).toFixed(1)} %`, bar(probability), printable(label), `(${index})`,
  ]);
  return `${paint.bold(printable(file))}  ${times}\n${table(rows, [1])}`;
}

const round = (ms) => Math.round(ms * 1000) / 1000;

function jsonOf(file, result) {
  if (result.error) {
    const { code = 'ERR_INTERNAL', message } = result.error;
    return `${JSON.stringify({ file, error: { code, message } })}\n`;
  }
  const { predictions, ms } = result;
  const rounded = { decode: round(ms.decode), infer: round(ms.infer), total: round(ms.total) };
  return `${JSON.stringify({ file, predictions, ms: rounded })}\n`;
}

/** Pictures in the order of `files`; standard input is read when its turn comes. */
async function* sources(files) {
  for (const file of files) yield file === STDIN ? await readStdin() : file;
}

/** Text may not overtake a slow reader without bound. */
async function write(text) {
  if (!process.stdout.write(text)) {
    await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}

async function classifyAll(net, files, values, topK) {
  const paint = painter(process.stdout);
  const progress = new Progress(files.length);
  const report = values.html === undefined ? null : new Report();
  let failed = 0;
  progress.update(0);
  for await (const result of net.classifyStream(sources(files), { topK })) {
    const file = files[result.index];
    if (result.error) failed++;
    progress.clear();
    await write(values.json ? jsonOf(file, result) : textOf(file, result, paint));
    report?.add(file, result);
    progress.update(result.index + 1, file);
  }
  progress.clear();
  if (report !== null) await fs.promises.writeFile(values.html, report.toString());
  return failed;
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  if (operands.length === 0) throw new UsageError('no image given');
  const topK = wholeNumber(values, 'top', 1, 1_000_000);
  const loading = {
    ...loadOptions(values),
    labels: values.labels,
    preprocess: choice(values, 'preprocess', PREPROCESS),
    resize: choice(values, 'resize', ['stretch', 'crop']),
  };
  const files = expand(operands);
  if (files.length === 0) throw new CliError(`no images in ${operands.join(', ')}`);
  const net = await MobileNet.load(values.model, loading);
  try {
    return (await classifyAll(net, files, values, topK)) === 0 ? 0 : 1;
  } finally {
    net.close();
  }
}

module.exports = { summary: 'say what is in pictures', options, help, run };
