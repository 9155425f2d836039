// `minnow work`: bulk classification from a queue.
'use strict';

const path = require('node:path');
const { addPictures, startWorker } = require('../work/index.js');
const { UsageError } = require('./errors.js');
const { expand } = require('./files.js');
const { RUN_HELP, RUN_OPTIONS, choice, loadOptions, wholeNumber } = require('./options.js');
const { endSignal } = require('./signals.js');

const options = {
  ...RUN_OPTIONS,
  queue: { type: 'string', short: 'q' },
  redis: { type: 'string' },
  prefix: { type: 'string' },
  add: { type: 'boolean' },
  attempts: { type: 'string' },
  model: { type: 'string', short: 'm' },
  labels: { type: 'string' },
  preprocess: { type: 'string' },
  resize: { type: 'string' },
  output: { type: 'string', short: 'o' },
  results: { type: 'string' },
  root: { type: 'string' },
  'allow-host': { type: 'string', multiple: true },
  concurrency: { type: 'string' },
  'lock-seconds': { type: 'string' },
  'until-empty': { type: 'boolean' },
};

const help = `Usage: minnow work --queue NAME [OPTIONS]
       minnow work --queue NAME --add IMAGE|FOLDER|URL...

Works off a queue of BullMQ on Redis or Valkey. A job is {"file"}, {"url"} or {"image"} (base64), or
{"pictures": [...]} with up to 1000 of those; and "topK". Its return value has the predictions. A job
counts as done after its results were delivered: a worker that is killed loses none, and what it was
at is done again by another one, so that a result may come twice. Failures that may pass are tried
again as the job says. Logs are JSON, one object a line, on standard error.

Options:
  -q, --queue NAME       the queue
      --redis URL        default redis://127.0.0.1:6379
      --prefix PREFIX    of the keys (default bull)
  -o, --output FILE      appends each result as one line of JSON: {"job","file"|"url","predictions",
                         "ms"} or {"job","error"}; one file a worker
      --results NAME     adds each result to this queue, too
      --until-empty      end when nothing waits or is in work
      --root DIR         files of jobs are relative to it and must lie in it (default: here)
      --allow-host HOST  HOST or HOST:PORT that pictures may be fetched from though its address is
                         private; may be given several times
      --concurrency N    jobs at a time (default: one a CPU)
      --lock-seconds N   after this time without a sign of life of its worker a job goes to another
                         one (default 30)
  -m, --model MODEL      default: shapes, the small model that comes with minnow
      --labels LABELS    a file with one label a line, or a model of the catalog
      --preprocess KIND  tf, unit, imagenet, caffe-bgr or none
      --resize MODE      stretch (default) or crop
${RUN_HELP}      --add              add jobs instead: one for each image, folder walked, or URL
      --attempts N       with --add: tries of each (default 5), with a growing pause between them
  -h, --help             this text

Examples:
  minnow work --queue photos --add ~/Pictures
  minnow work --queue photos --root ~/Pictures --output labels.ndjson --until-empty

Exit codes: 0 ended by SIGTERM or SIGINT, jobs in work finished, or the queue is empty, 1 failed, or
with --until-empty a job did, 2 wrong usage
`;

const isUrl = (text) => /^https?:/i.test(text);

function log(msg, facts) {
  const line = { level: 'info', time: Date.now(), msg, ...facts };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

async function add(values, queue, operands) {
  if (operands.length === 0) throw new UsageError('--add needs images, folders or URLs');
  const urls = operands.filter(isUrl).map((url) => ({ url }));
  const names = expand(operands.filter((one) => !isUrl(one)));
  const files = names.map((name) => ({ file: path.resolve(name) }));
  const attempts = wholeNumber(values, 'attempts', 1, 1000);
  const count = await addPictures({ ...queue, attempts }, [...files, ...urls]);
  process.stdout.write(`${count} jobs added to ${queue.queue}\n`);
  return 0;
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  if (values.queue === undefined) throw new UsageError('--queue NAME is missing');
  const queue = { queue: values.queue, connection: values.redis, prefix: values.prefix };
  if (values.add) return add(values, queue, operands);
  if (operands.length > 0) throw new UsageError(`unexpected argument '${operands[0]}'`);
  const seconds = wholeNumber(values, 'lock-seconds', 1, 3600);
  const settings = {
    ...loadOptions(values),
    ...queue,
    model: values.model,
    labels: values.labels,
    preprocess: choice(values, 'preprocess', ['tf', 'unit', 'imagenet', 'caffe-bgr', 'none']),
    resize: choice(values, 'resize', ['stretch', 'crop']),
    output: values.output,
    results: values.results,
    root: values.root,
    allowHosts: values['allow-host'],
    concurrency: wholeNumber(values, 'concurrency', 1, 256),
    lockMs: seconds === undefined ? undefined : seconds * 1000,
    untilEmpty: values['until-empty'],
  };
  const ending = endSignal();
  const worker = await startWorker(settings);
  ending.then((signal) => {
    log('ending', { signal });
    return worker.close();
  });
  const { completed, failed } = await worker.ended;
  log('ended', { completed, failed });
  return values['until-empty'] && failed > 0 ? 1 : 0;
}

module.exports = { summary: 'classify in bulk, from a queue', options, help, run };
