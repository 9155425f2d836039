// `minnow inspect`: what is in a model file, and where does its time go?
'use strict';

const { Model } = require('../index.js');
const { UsageError } = require('./errors.js');
const { RUN_HELP, RUN_OPTIONS, loadOptions, wholeNumber } = require('./options.js');
const { painter, printable, table } = require('./terminal.js');

const options = {
  ...RUN_OPTIONS,
  profile: { type: 'boolean' },
  runs: { type: 'string' },
  graph: { type: 'boolean' },
  json: { type: 'boolean' },
};

const help = `Usage: minnow inspect MODEL [OPTIONS]

Shows inputs, outputs, operators before and after the passes, multiply-accumulates and memory.
MODEL is a file, a folder with a model.json, or a name from the catalog.

Options:
      --profile          time of every operator and the kernel it runs on
      --runs N           runs to time; the median counts (default 10)
      --graph            the graph as text, before and after the passes
      --json             everything as one JSON object
${RUN_HELP}  -h, --help             this text

Examples:
  minnow inspect shapes
  minnow inspect mobilenetv2_1.0_224.onnx --profile --threads 1
  minnow inspect model.pb --graph | less

Exit codes: 0 good, 1 the model cannot be loaded, 2 wrong usage
`;

/** Operator name to count, from the text of a graph: "%y f32[1,8] = Conv2D(%x, …)". */
function histogram(text) {
  const counts = new Map();
  for (const [, op] of text.matchAll(/^[^#\n]*? = (\w+)\(/gm)) {
    counts.set(op, (counts.get(op) ?? 0) + 1);
  }
  return counts;
}

const shapeText = (shape) => `[${shape.map((dim) => (dim === -1 ? '?' : dim)).join(',')}]`;
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

function tensorRows(infos) {
  return infos.map(({ name, dtype, shape, layout }) => [
    ' ', printable(name), dtype, shapeText(shape), layout,
  ]);
}

function operatorTable({ imported, optimized }) {
  const before = histogram(imported);
  const after = histogram(optimized);
  const sum = (counts) => [...counts.values()].reduce((a, b) => a + b, 0);
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return table(
    [
      [' ', 'operator', 'imported', 'optimized'],
      ...names.map((name) => [' ', name, before.get(name) ?? 0, after.get(name) ?? 0]),
      [' ', 'all', sum(before), sum(after)],
    ],
    [2, 3],
  );
}

function profileTable({ totalMs, threads, peak, operators }) {
  const percent = (part) => `${(100 * part).toFixed(1)} %`;
  const rows = operators.map(({ name, op, kernel, output, ms, gflops, peakShare }) => [
    ' ', ms.toFixed(3), percent(ms / totalMs), gflops > 0 ? gflops.toFixed(1) : '',
    peakShare > 0 ? percent(peakShare) : '', op, output, kernel, printable(name),
  ]);
  const head = [' ', 'ms', 'share', 'GFLOP/s', 'of peak', 'operator', 'output', 'kernel', 'name'];
  const peaks = Object.entries(peak).filter(([, rate]) => rate > 0);
  const lines = [
    `${totalMs.toFixed(3)} ms a run on ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    `  peak, in GFLOP/s: ${peaks.map(([name, rate]) => `${rate.toFixed(1)} ${name}`).join(', ')}`,
  ];
  return `${lines.join('\n')}\n${table([head, ...rows], [1, 2, 3, 4])}`;
}

function textOf(source, facts, profile, withGraph) {
  const paint = painter(process.stdout);
  const parts = [
    `${paint.bold(printable(source))}: ${facts.format}, output: ${facts.output}`,
    `${paint.bold('inputs')}\n${table(tensorRows(facts.inputs))}`.trimEnd(),
    `${paint.bold('outputs')}\n${table(tensorRows(facts.outputs))}`.trimEnd(),
    `${paint.bold('operators')}\n${operatorTable(facts.graphs)}`.trimEnd(),
    `${paint.bold('cost')} of a batch of one`,
    table([
      [' ', 'multiply-accumulates', `${(facts.macs / 1e6).toFixed(1)} million`],
      [' ', 'weights', mebibytes(facts.weightBytes)],
      [' ', 'arena of a run', mebibytes(facts.arenaBytes)],
      [' ', 'instruction set', facts.isa],
    ]).trimEnd(),
  ];
  if (profile) parts.push(`${paint.bold('time')} ${profileTable(profile)}`.trimEnd());
  if (withGraph) {
    parts.push(`${paint.bold('imported graph')}\n${facts.graphs.imported}`.trimEnd());
    parts.push(`${paint.bold('optimized graph')}\n${facts.graphs.optimized}`.trimEnd());
  }
  return `${parts.join('\n')}\n`;
}

function jsonOf(source, facts, profile, withGraph) {
  const { graphs, ...rest } = facts;
  const operators = {
    imported: Object.fromEntries(histogram(graphs.imported)),
    optimized: Object.fromEntries(histogram(graphs.optimized)),
  };
  const object = { model: source, ...rest, operators };
  if (profile) object.profile = profile;
  if (withGraph) object.graphs = graphs;
  return `${JSON.stringify(object)}\n`;
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  if (operands.length !== 1) throw new UsageError('give one model');
  const runs = wholeNumber(values, 'runs', 1, 1000);
  const [source] = operands;
  const model = await Model.load(source, loadOptions(values));
  try {
    const facts = model.describe();
    const profile = values.profile ? model.profile(undefined, { runs }) : undefined;
    const show = values.json ? jsonOf : textOf;
    process.stdout.write(show(source, facts, profile, values.graph));
    return 0;
  } finally {
    model.close();
  }
}

module.exports = { summary: 'show what a model consists of and costs', options, help, run };
