// How fast are networks of 8-bit integers beside the same networks in floats, whole and operator by
// operator?
//
//   node bench/integers.mjs [MODEL]... [--threads 1] [--rounds 30]
//     [--json F] [--markdown F] [--svg F]
//
// Without models: the quantised files in $MINNOW_TEST_DATA (default ../shared/data), then float
// networks that are quantised here: shapes, and those there whose operators the files lack. The
// float form is the same file loaded with precision 'fp32', which takes every rounding out. A ratio
// of x2 says that floats take twice as long.
//
// Operators are put side by side by their multiply-accumulates: floats fuse more (wide -> depthwise
// -> narrow, sums of residuals), so that one float operator may stand for several on bytes. What
// only one side has (to bytes and back) counts with its neighbour.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { alternate, quantile } from '../lib/bench/measure.js';
import { INPUTS, makeFeeds, networkContenders } from '../lib/bench/networks.js';
import { quantize } from '../lib/index.mjs';
import { modelFiles, threadsText } from './support/data.mjs';
import { RESULT_OPTIONS, textOf, writeResults } from './support/results.mjs';

const FILES = [
  'mobilenetv2_1.0_224_qdq.onnx',
  'mobilenet_v2_1.0_224_quant.tflite',
  'tf2_mobilenet_v2_1.0_224_ptq.tflite',
  'mobilenet_v1_0.25_128_quant.tflite',
  'aiy_birds_V1_3.tflite',
];
const TO_QUANTIZE = ['squeezenet1_1_synthetic.onnx', 'mobilenet_v3_small_synthetic.onnx'];
const CALIBRATION = 4;

/** Pictures of noise: times do not depend on what is learnt from them. */
function* noise(count, side) {
  for (let seed = 1; seed <= count; seed++) {
    let state = seed;
    const data = Uint8Array.from({ length: side * side * 3 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
    yield { data, width: side, height: side, channels: 3 };
  }
}

async function quantized(source) {
  const options = { equalize: false, biasCorrection: false, preprocess: 'tf' };
  const { model } = await quantize(source, noise(CALIBRATION, 224), options);
  return { name: `${path.basename(source)}, quantised here`, source: model };
}

/** Every operator with the median of its milliseconds, both models in alternation. */
function profiles(models, feeds, rounds) {
  const all = models.map(() => []);
  for (let round = 0; round < rounds; round++) {
    models.forEach((model, which) => {
      all[which].push(model.profile(feeds[round % INPUTS], { runs: 1 }).operators);
    });
  }
  return all.map((runs) => runs[0].map((operator, i) => (
    { ...operator, times: runs.map((operators) => 1000 * operators[i].ms) }
  )));
}

/** Takes from `list` what comes before its next product; all, where there is none. */
function takeUpToProduct(list) {
  const found = list.findIndex(({ macs }) => macs > 0);
  return list.splice(0, found < 0 ? list.length : found);
}

const macsOf = (operators) => operators.reduce((sum, { macs }) => sum + macs, 0);

/** Rows {ints, floats} of operators that do the same; see the top. */
export function align(intList, floatList) {
  const [ints, floats] = [[...intList], [...floatList]];
  const rows = [];
  const alone = { ints: [], floats: [] };
  const lone = (side, operator) => (rows.at(-1) ?? alone)[side].push(operator);
  while (ints.length > 0 || floats.length > 0) {
    const unmatched = takeUpToProduct(floats);
    for (const operator of takeUpToProduct(ints)) {
      const same = unmatched.findIndex(({ op, output }) =>
        output === operator.output && (op === operator.op || `Q${op}` === operator.op));
      if (same < 0) {
        lone('ints', operator);
        continue;
      }
      for (const before of unmatched.splice(0, same)) lone('floats', before);
      rows.push({ ints: [operator], floats: unmatched.splice(0, 1) });
    }
    for (const operator of unmatched) lone('floats', operator);
    if (ints.length === 0 && floats.length === 0) break;
    const row = { ints: alone.ints.splice(0), floats: alone.floats.splice(0) };
    do {
      const side = macsOf(row.ints) <= macsOf(row.floats) ? 'ints' : 'floats';
      const list = side === 'ints' ? ints : floats;
      row[side].push(...takeUpToProduct(list), ...list.splice(0, 1));
    } while (macsOf(row.ints) !== macsOf(row.floats) && ints.length > 0 && floats.length > 0);
    rows.push(row);
  }
  return rows;
}

/** Of what does the same: a 1 x 1 and a depthwise convolution may have outputs of one shape. */
const labelOf = (operators) => {
  const last = operators.findLast(({ macs }) => macs > 0) ?? operators.at(-1);
  const names = operators.map(({ op }) => op.replace(/^QConv2D$/, 'Conv')).join('+');
  const macs = macsOf(operators);
  return `${names} ${last.output}${macs > 0 ? ` ${(macs / 1e6).toPrecision(2)} MMAC` : ''}`;
};

/** Microseconds of several operators in each round. */
const sumOf = (operators) => operators[0].times.map((_, round) =>
  operators.reduce((sum, { times }) => sum + times[round], 0));

/** One row of results for all operators with the same label. */
function operatorRows(ints, floats) {
  const byLabel = new Map();
  for (const row of align(ints, floats)) {
    const label = labelOf(row.ints);
    const { ints: same = [], floats: others = [], count = 0 } = byLabel.get(label) ?? {};
    byLabel.set(label, {
      ints: [...same, ...row.ints], floats: [...others, ...row.floats], count: count + 1,
    });
  }
  return Array.from(byLabel, ([label, { ints: same, floats: others, count }]) => {
    const [on, off] = [sumOf(same), sumOf(others)];
    const ratios = on.map((value, round) => off[round] / value);
    return {
      name: count === 1 ? label : `${label} x${count}`,
      median: quantile(on, 0.5), low: quantile(on, 0.25), high: quantile(on, 0.75),
      ratio: quantile(ratios, 0.5),
      ratioLow: quantile(ratios, 0.25), ratioHigh: quantile(ratios, 0.75),
      note: `floats ${quantile(off, 0.5).toFixed(1)}`,
    };
  });
}

async function compare({ name, source }, threads, rounds) {
  const contenders = await networkContenders(source, { threads, peers: false });
  if (contenders.length < 2) throw new Error(`${name} is not quantised`);
  const whole = await alternate(contenders, { rounds });
  const models = contenders.map(({ model }) => model);
  const operators = operatorRows(...profiles(models, makeFeeds(models[0]), rounds));
  for (const { close } of contenders) close();
  const group = `${name}, ${threadsText(threads)}`;
  return { whole: { name: group, rows: whole }, operators: { name: group, rows: operators } };
}

/**
 * @param {{files?: string[], threads?: number[], rounds?: number}} [options]
 * @returns {Promise<object[]>} sections of results: whole networks, operators
 */
export async function benchIntegers({ files, threads = [1], rounds = 30 } = {}) {
  const sources = (files ?? modelFiles(FILES))
    .map((file) => ({ name: path.basename(file), source: file }));
  if (files === undefined) {
    for (const source of ['shapes', ...modelFiles(TO_QUANTIZE)]) {
      sources.push(await quantized(source));
    }
  }
  const [whole, operators] = [[], []];
  for (const source of sources) {
    for (const count of threads) {
      const groups = await compare(source, count, rounds);
      whole.push(groups.whole);
      operators.push(groups.operators);
    }
  }
  const note = 'the same network, its rounding taken out';
  return [
    { name: 'Integers beside floats', unit: 'ms a run', note, groups: whole },
    { name: 'Integers beside floats, by operator', unit: 'us', note, groups: operators },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...RESULT_OPTIONS,
      threads: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '30' },
    },
  });
  const sections = await benchIntegers({
    files: positionals.length > 0 ? positionals : undefined,
    threads: values.threads.split(',').map(Number),
    rounds: Number(values.rounds),
  });
  for (const section of sections) console.log(`${textOf(section)}\n`);
  writeResults(sections, values);
}
