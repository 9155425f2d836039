// `minnow bench`: how fast is a network here, alone or beside other engines?
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const { version } = require('../../package.json');
const { barChart } = require('../bench/chart.js');
const { alternate, alternateRates } = require('../bench/measure.js');
const { networkContenders } = require('../bench/networks.js');
const { missing, peer } = require('../bench/peers.js');
const { UsageError } = require('./errors.js');
const { RUN_HELP, RUN_OPTIONS, loadOptions, wholeNumber } = require('./options.js');
const { Progress, painter, printable, table } = require('./terminal.js');

const DEFAULT_MODEL = 'shapes';
const DEFAULT_ROUNDS = 30;
const CONCURRENCY = [1, 2, 4, 8];

const options = {
  ...RUN_OPTIONS,
  model: { type: 'string', short: 'm' },
  rounds: { type: 'string' },
  peers: { type: 'boolean' },
  json: { type: 'boolean' },
  svg: { type: 'string' },
};

const help = `Usage: minnow bench [MODEL] [OPTIONS]

Times a network, tensor in, tensor out: the latency of one run at a time, on one thread and on all,
and how many runs a second end with 1 to 8 in flight. Contenders take turns within one run, so that
a slow minute hits all of them; a warm-up does not count. Ratios are to minnow, round by round: x1.5
says that the other takes one and a half times as long. A quantised network runs in floats, too.

Options:
  -m, --model MODEL      a file, a folder with a model.json, or a name from the catalog
                         (default: shapes, the small model that comes with minnow)
      --rounds N         turns of each contender; the median counts (default ${DEFAULT_ROUNDS})
      --peers            beside onnxruntime-node and onnxruntime-web (one thread), where the folder's
                         project has them; ONNX files only
      --json             everything as one JSON object
      --svg FILE         also draw a chart
${RUN_HELP}  -h, --help             this text

Examples:
  minnow bench
  minnow bench model.onnx --threads 2 --rounds 60
  npm install onnxruntime-node && minnow bench model.onnx --peers --svg chart.svg

Exit codes: 0 measured, 1 the model cannot be loaded or run, 2 wrong usage
`;

async function withContenders(source, settings, measure) {
  const contenders = await networkContenders(source, settings);
  try {
    return await measure(contenders);
  } finally {
    for (const { close } of contenders) await close();
  }
}

/** Everything that is measured, as plain data. */
async function measureAll(source, { values, threads, rounds, load, progress }) {
  const facts = {};
  const latency = [];
  const throughput = [];
  const steps = [...new Set([1, threads])];
  let done = 0;
  for (const count of steps) {
    progress.update(done++, `latency, ${count} threads`);
    const settings = { threads: count, peers: values.peers === true, load };
    await withContenders(source, settings, async (contenders) => {
      const { format, isa, macs } = contenders[0].model.describe();
      Object.assign(facts, { format, isa, macs });
      const results = await alternate(contenders, { rounds, warmup: Math.min(5, rounds) });
      latency.push(...results.map((result) => ({ threads: count, ...result, ms: undefined })));
    });
  }
  const settings = { threads, peers: values.peers === true, load, async: true };
  await withContenders(source, settings, async (contenders) => {
    for (const concurrency of CONCURRENCY) {
      progress.update(done++, `throughput, ${concurrency} in flight`);
      const short = { concurrency, rounds: Math.min(5, rounds) };
      throughput.push(...(await alternateRates(contenders, short)));
    }
  });
  progress.clear();
  return { ...facts, latency, throughput };
}

function textOf({ model, cpu, isa, threads, latency, throughput }) {
  const paint = painter(process.stdout);
  const ms = (value) => value.toFixed(2);
  const latencyRows = latency.map((row) => [
    ' ', row.name, row.threads, ms(row.median), `${ms(row.low)}..${ms(row.high)}`, ms(row.p95),
    `x${row.ratio.toFixed(2)}`,
  ]);
  const rateRows = throughput.map((row) => [
    ' ', row.name, row.concurrency, row.perSecond.toFixed(0),
    `${row.low.toFixed(0)}..${row.high.toFixed(0)}`, `x${row.ratio.toFixed(2)}`,
  ]);
  return [
    `${paint.bold(printable(model))} on ${cpu}, ${isa}, Node.js ${process.versions.node}`,
    `${paint.bold('latency')}, milliseconds a run`,
    table([[' ', 'engine', 'threads', 'median', 'quartiles', '95 %', 'ratio'], ...latencyRows],
      [2, 3, 4, 5, 6]).trimEnd(),
    `${paint.bold('throughput')}, runs a second on ${threads} threads`,
    table([[' ', 'engine', 'in flight', 'median', 'quartiles', 'ratio'], ...rateRows],
      [2, 3, 4, 5]),
  ].join('\n');
}

function chartOf({ model, cpu, latency }) {
  return barChart({
    title: `${model}: milliseconds a run`,
    foot: `median and quartiles; ${cpu}, Node.js ${process.version}, minnow ${version}`,
    groups: [...new Set(latency.map(({ threads }) => threads))].map((threads) => ({
      name: `${threads} thread${threads === 1 ? '' : 's'}`,
      bars: latency.filter((row) => row.threads === threads).map((row) => ({
        name: row.name,
        value: row.median,
        low: row.low,
        high: row.high,
        note: `ms  ×${row.ratio.toFixed(2)}`,
      })),
    })),
  });
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  if (operands.length > 1) throw new UsageError('give one model');
  if (operands.length === 1 && values.model !== undefined) {
    throw new UsageError('give the model once: as an argument or with --model');
  }
  const source = operands[0] ?? values.model ?? DEFAULT_MODEL;
  const rounds = wholeNumber(values, 'rounds', 1, 10_000) ?? DEFAULT_ROUNDS;
  const { threads: wanted, ...load } = loadOptions(values);
  const { Model } = require('../index.js');
  const probe = await Model.load(source, { ...load, threads: wanted });
  const { threads } = probe;
  probe.close();
  if (values.peers && peer('onnxruntime-node') === null) {
    process.stderr.write(`minnow bench: ${missing('onnxruntime-node')}`);
  }
  const progress = new Progress(new Set([1, threads]).size + CONCURRENCY.length);
  const measured = await measureAll(source, { values, threads, rounds, load, progress });
  const report = {
    model: source, minnow: version, node: process.versions.node, cpu: os.cpus()[0]?.model ?? '',
    threads, rounds, ...measured,
  };
  if (values.svg !== undefined) fs.writeFileSync(values.svg, chartOf(report));
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : textOf(report));
  return 0;
}

module.exports = { summary: 'time a network, alone or beside other engines', options, help, run };
