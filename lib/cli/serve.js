// `minnow serve`: networks behind HTTP.
'use strict';

const { startServer } = require('../server/index.js');
const { UsageError } = require('./errors.js');
const { RUN_HELP, RUN_OPTIONS, choice, loadOptions, wholeNumber } = require('./options.js');
const { endSignal } = require('./signals.js');

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];
const MODEL = /^(?:([A-Za-z0-9][A-Za-z0-9._-]*)(?:@([A-Za-z0-9._-]+))?=)?(.+)$/;

const options = {
  ...RUN_OPTIONS,
  host: { type: 'string' },
  port: { type: 'string', short: 'p' },
  model: { type: 'string', short: 'm', multiple: true },
  labels: { type: 'string' },
  preprocess: { type: 'string' },
  resize: { type: 'string' },
  'allow-host': { type: 'string', multiple: true },
  concurrency: { type: 'string' },
  queue: { type: 'string' },
  'drain-seconds': { type: 'string' },
  'log-level': { type: 'string' },
};

const help = `Usage: minnow serve [OPTIONS]

Answers over HTTP what is in pictures. Logs are JSON, one object a line, on standard error.

  /                  any method: a JPEG or PNG, or its URL as text or ?url=; answers the label, or
                     the best classes as JSON where the client accepts application/json (?top=N);
                     a page where a browser opens it
  /v2/...            Open Inference Protocol, version 2
  /healthz /metrics  for operators; metrics in the format of Prometheus

Options:
      --host ADDRESS     address to listen on (default 127.0.0.1: this machine only)
  -p, --port N           default 3000; 0 takes any free one
  -m, --model MODEL      [NAME[@VERSION]=]MODEL, may be given several times; the first is the
                         default (default: shapes, the small model that comes with minnow)
      --labels LABELS    a file with one label a line, or a model of the catalog
      --preprocess KIND  tf, unit, imagenet, caffe-bgr or none
      --resize MODE      stretch (default) or crop
      --allow-host HOST  HOST or HOST:PORT that pictures may be fetched from though its address is
                         private; may be given several times
      --concurrency N    runs at a time (default: one a CPU)
      --queue N          requests that may wait besides (default 64); more are answered with 503
      --drain-seconds N  how long to finish accepted requests after SIGTERM (default 10)
      --log-level LEVEL  ${LOG_LEVELS.join(', ')} (default info)
${RUN_HELP}  -h, --help             this text

Examples:
  minnow serve --model mobilenet_v2_1.0_224
  curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' localhost:3000
  curl --request GET localhost:3000 -H 'Content-Type: text/plain' --data-raw https://example.org/cat.jpg

Exit codes: 0 ended by SIGTERM or SIGINT, all accepted requests answered, 1 failed, 2 wrong usage
`;

/** "NAME@VERSION=MODEL" or "MODEL". */
function modelSpec(text, shared) {
  const match = MODEL.exec(text);
  if (match === null) throw new UsageError(`--model must be [NAME[@VERSION]=]MODEL, not '${text}'`);
  const [, name, version, source] = match;
  return {
    ...shared,
    source,
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
  };
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  if (operands.length > 0) throw new UsageError(`unexpected argument '${operands[0]}'`);
  const shared = {
    ...loadOptions(values),
    labels: values.labels,
    preprocess: choice(values, 'preprocess', ['tf', 'unit', 'imagenet', 'caffe-bgr', 'none']),
    resize: choice(values, 'resize', ['stretch', 'crop']),
  };
  const seconds = wholeNumber(values, 'drain-seconds', 0, 3600);
  const settings = {
    host: values.host,
    port: wholeNumber(values, 'port', 0, 65_535),
    models: (values.model ?? ['shapes']).map((text) => modelSpec(text, shared)),
    allowHosts: values['allow-host'],
    concurrency: wholeNumber(values, 'concurrency', 1, 256),
    queue: wholeNumber(values, 'queue', 0, 100_000),
    drainMs: seconds === undefined ? undefined : seconds * 1000,
    logLevel: choice(values, 'log-level', LOG_LEVELS),
  };
  const ended = endSignal();
  const server = await startServer(settings);
  server.app.log.info({ url: server.url }, 'serving');
  server.app.log.info({ signal: await ended }, 'draining');
  await server.close();
  server.app.log.info('drained');
  return 0;
}

module.exports = { summary: 'answer over HTTP what is in pictures', options, help, run };
