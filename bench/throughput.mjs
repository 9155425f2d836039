// How many pictures a second are classified with 1 to 8 requests in flight, beside sharp + ONNX
// Runtime, and what does one of a batch cost?
//
//   node bench/throughput.mjs [--image FILE] [--model FILE.onnx] [--threads 2] [--rounds 7]
//     [--json F] [--markdown F] [--svg F]
//
// Rates: a ratio of x2 says that minnow ends twice as many. Batches: the time of a run divided by
// its pictures; the first row is a batch of one, a ratio below 1 says that a picture is cheaper.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Model } from '../lib/index.mjs';
import { alternate, alternateRates } from '../lib/bench/measure.js';
import { classifiers } from './support/classifiers.mjs';
import { MOBILENET, PICTURE, demand, threadsText } from './support/data.mjs';
import { RESULT_OPTIONS, textOf, writeResults } from './support/results.mjs';

const IN_FLIGHT = [1, 2, 4, 8];
const BATCHES = [1, 2, 4, 8, 16, 32];

/**
 * @param {{image?: string, model?: string, threads?: number, rounds?: number}} [options]
 * @returns {Promise<object>} a section of results
 */
export async function benchThroughput(options = {}) {
  const { image = PICTURE, model = MOBILENET, threads = 2, rounds = 7 } = options;
  const bytes = fs.readFileSync(image);
  const contenders = await classifiers({ model, threads });
  const runs = contenders.map(({ name, classify }) => ({ name, run: () => classify(bytes) }));
  const groups = [];
  for (const concurrency of IN_FLIGHT) {
    const rows = await alternateRates(runs, { concurrency, rounds, ms: 500 });
    groups.push({
      name: `${concurrency} in flight`,
      rows: rows.map(({ perSecond, ...row }) => ({ ...row, median: perSecond })),
    });
  }
  for (const { close } of contenders) await close();
  const note = `${path.basename(image)}, ${path.basename(model)}, ${threadsText(threads)}`;
  return { name: 'Throughput', unit: 'pictures a second', note, groups };
}

/**
 * @param {{model?: string, threads?: number[], rounds?: number}} [options]
 * @returns {Promise<object>} a section of results
 */
export async function benchBatches({ model = MOBILENET, threads = [1, 2], rounds = 15 } = {}) {
  const groups = [];
  for (const count of threads) {
    const network = await Model.load(model, { threads: count });
    const [{ name, shape }] = network.inputs;
    const one = shape.slice(1).reduce((product, dim) => product * dim, 1);
    const runs = BATCHES.map((batch) => {
      const data = new Float32Array(batch * one).fill(0.5);
      return { name: `batch of ${batch}`, batch, run: () => network.runSync({ [name]: data }) };
    });
    const rows = await alternate(runs, { rounds, runs: 2, warmup: 2 });
    network.close();
    groups.push({
      name: threadsText(count),
      rows: rows.map((row, i) => {
        const each = (value) => value / BATCHES[i];
        const { median, low, high, ratio, ratioLow, ratioHigh } = row;
        return {
          name: row.name, median: each(median), low: each(low), high: each(high),
          ratio: each(ratio), ratioLow: each(ratioLow), ratioHigh: each(ratioHigh),
        };
      }),
    });
  }
  return { name: 'Batches', unit: 'ms a picture', note: path.basename(model), groups };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      ...RESULT_OPTIONS,
      image: { type: 'string', default: PICTURE },
      model: { type: 'string', default: MOBILENET },
      threads: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '7' },
    },
  });
  demand(values.model, values.image);
  const settings = { image: values.image, model: values.model, rounds: Number(values.rounds) };
  const sections = [
    await benchThroughput({ ...settings, threads: Number(values.threads) }),
    await benchBatches({ model: values.model }),
  ];
  for (const section of sections) console.log(textOf(section));
  writeResults(sections, values);
}
