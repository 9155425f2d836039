// `minnow classify`: what is in these pictures?
'use strict';

const fs = require('node:fs');
const { MobileNet } = require('../index.js');
const { CliError, UsageError } = require('./errors.js');
const { STDIN, expand, readStdin } = require('./files.js');
const { RUN_HELP, RUN_OPTIONS, choice, loadOptions, wholeNumber } = require('./options.js');
const { Report } = require('./report.js');
const { ResultFile } = require('./results.js');
const { Progress, painter, printable, table } = require('./terminal.js');

const PREPROCESS = ['tf', 'unit', 'imagenet', 'caffe-bgr', 'none'];
const RESIZE = ['stretch', 'crop'];
const BAR_WIDTH = 20;

const options = {
  ...RUN_OPTIONS,
  model: { type: 'string', short: 'm' },
  top: { type: 'string', short: 'k' },
  labels: { type: 'string' },
  preprocess: { type: 'string', choices: PREPROCESS },
  resize: { type: 'string', choices: RESIZE },
  json: { type: 'boolean' },
  output: { type: 'string', short: 'o' },
  resume: { type: 'boolean' },
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
  -o, --output FILE      the lines of --json go to FILE, a summary to standard error
      --resume           goes on with that FILE after an interruption: pictures whose results are
                         there are skipped, those that failed are tried again. Give the same options
      --html FILE        also write a page with the pictures and the results
  -h, --help             this text

Examples:
  minnow classify photo.jpg
  minnow classify photos/ --json | jq -r 'select(.predictions) | .file, .predictions[0].label'
  minnow classify archive/ --output results.ndjson --resume
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

/** Where results go: `emit` a result, `close` when all are there. */
async function openSink(values, output) {
  const paint = painter(process.stdout);
  const report = values.html === undefined ? null : new Report();
  const show = values.json ? jsonOf : (file, result) => textOf(file, result, paint);
  return {
    async emit(file, result, progress) {
      report?.add(file, result);
      if (output !== null) {
        output.append(jsonOf(file, result));
        return;
      }
      progress.clear();
      await write(show(file, result));
    },
    async close() {
      output?.close();
      if (report !== null) await fs.promises.writeFile(values.html, report.toString());
    },
  };
}

/** @returns {Promise<number>} how many failed */
async function classifyAll(net, files, sink, topK) {
  const progress = new Progress(files.length);
  let failed = 0;
  progress.update(0);
  try {
    for await (const result of net.classifyStream(sources(files), { topK })) {
      const file = files[result.index];
      if (result.error) failed++;
      await sink.emit(file, result, progress);
      progress.update(result.index + 1, file);
    }
  } finally {
    progress.clear();
    await sink.close();
  }
  return failed;
}

function openOutput({ output, resume }) {
  if (output === undefined) return null;
  return resume ? ResultFile.resume(output) : ResultFile.create(output);
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
    resize: choice(values, 'resize', RESIZE),
  };
  if (values.resume && values.output === undefined) throw new UsageError('--resume needs --output');
  const found = expand(operands);
  if (found.length === 0) throw new CliError(`no images in ${operands.join(', ')}`);
  const net = await MobileNet.load(values.model, loading);
  try {
    const output = await openOutput(values);
    const files = found.filter((file) => file === STDIN || !output?.done.has(file));
    const failed = await classifyAll(net, files, await openSink(values, output), topK);
    if (output !== null) {
      const there = found.length - files.length;
      process.stderr.write(`minnow classify: ${files.length - failed} classified, ${failed} failed` +
        `${there > 0 ? `, ${there} there before` : ''}: ${values.output}\n`);
    }
    return failed === 0 ? 0 : 1;
  } finally {
    net.close();
  }
}

module.exports = { summary: 'say what is in pictures', options, help, run };
