// `minnow action`: an Apache OpenWhisk action, or one JSON object in and one out.
'use strict';

const { once } = require('node:events');
const { ActionContainer, actionServer } = require('../server/action.js');
const { classifyAction } = require('../server/classify-action.js');
const { ENGINES, openEngine } = require('../server/engines.js');
const { makeFetchImage } = require('../server/fetch-image.js');
const { CliError, UsageError } = require('./errors.js');
const { readStdin } = require('./files.js');
const { RUN_HELP, RUN_OPTIONS, choice, loadOptions, wholeNumber } = require('./options.js');

const DEFAULT_PORT = 8080;

const options = {
  ...RUN_OPTIONS,
  stdin: { type: 'boolean' },
  engine: { type: 'string' },
  'head-start': { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string', short: 'p' },
  model: { type: 'string', short: 'm' },
  labels: { type: 'string' },
  preprocess: { type: 'string' },
  resize: { type: 'string' },
  'allow-host': { type: 'string', multiple: true },
};

const help = `Usage: minnow action [OPTIONS]

Runs as the container of an Apache OpenWhisk action: POST /init and POST /run on port 8080. Code
that /init brings is not run: the action is built in. Parameters are {"url"} or {"image"} (base64)
and "topK"; the result is {"label","confidence","index","probability","predictions"}, or {"error"}.
With __OW_RUNTIME_PLATFORM=knative, the one entry point / takes both. GET /metrics has latencies by
engine in the format of Prometheus.

Options:
      --stdin            instead: one JSON object {"image": base64} on standard input, one
                         {"label","confidence"} on standard output
      --host ADDRESS     address to listen on (default 0.0.0.0)
  -p, --port N           default 8080
      --engine ENGINE    native (default); wasm: infer.wasm, which needs no native addon; hybrid:
                         wasm answers while native takes long to load, and where it cannot
      --head-start MS    of hybrid's native engine, before wasm is started (default 250)
  -m, --model MODEL      default: shapes, the small model that comes with minnow
      --labels LABELS    a file with one label a line, or a model of the catalog
      --preprocess KIND  tf, unit, imagenet, caffe-bgr or none
      --resize MODE      stretch (default) or crop
      --allow-host HOST  HOST or HOST:PORT that pictures may be fetched from though its address is
                         private; may be given several times
${RUN_HELP}  -h, --help             this text

Examples:
  echo "{\\"image\\":\\"$(base64 -w0 photo.jpg)\\"}" | minnow action --stdin
  wsk action create classify --docker IMAGE && wsk action invoke classify -r -p url https://example.org/cat.jpg

Exit codes: 0 ended when asked to, or the picture was classified, 1 failed, 2 wrong usage
`;

/** One object in, one out. */
async function runOnce(action) {
  let params;
  try {
    params = JSON.parse((await readStdin()).toString('utf8'));
  } catch {
    throw new CliError('standard input is not JSON');
  }
  if (params === null || typeof params !== 'object') {
    throw new CliError('standard input is no JSON object');
  }
  const result = await action(params);
  const { label, confidence } = result;
  process.stdout.write(`${JSON.stringify(result.error ? result : { label, confidence })}\n`);
  return result.error ? 1 : 0;
}

async function serve(action, engine, values) {
  const port = wholeNumber(values, 'port', 0, 65_535) ?? DEFAULT_PORT;
  const { ready, metrics } = engine;
  const entries = { main: action, classify: action };
  const container = new ActionContainer(entries, { ready: () => ready });
  const server = actionServer(container, { metrics }).listen(port, values.host ?? '0.0.0.0');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  process.stderr.write(`${JSON.stringify({ msg: 'serving', url })}\n`);
  const closed = once(server, 'close');
  for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => server.close());
  await closed;
  return 0;
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  if (operands.length > 0) throw new UsageError(`unexpected argument '${operands[0]}'`);
  const loading = {
    ...loadOptions(values),
    labels: values.labels,
    preprocess: choice(values, 'preprocess', ['tf', 'unit', 'imagenet', 'caffe-bgr', 'none']),
    resize: choice(values, 'resize', ['stretch', 'crop']),
  };
  const fetchImage = makeFetchImage({ allowHosts: values['allow-host'] });
  const kind = choice(values, 'engine', ENGINES) ?? 'native';
  const headStartMs = wholeNumber(values, 'head-start', 0, 60_000);
  const log = (facts) => process.stderr.write(`${JSON.stringify(facts)}\n`);
  // Loading begins before /init asks for it; its failure is /init's to report.
  const settings = { ...loading, headStartMs };
  const engine = openEngine(kind, values.model, settings, values.stdin ? undefined : log);
  const action = classifyAction(engine, fetchImage);
  try {
    if (values.stdin) return await runOnce(action);
    return await serve(action, engine, values);
  } finally {
    engine.close();
  }
}

module.exports = { summary: 'be an OpenWhisk action, or JSON in and out', options, help, run };
