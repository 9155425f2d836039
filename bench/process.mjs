// What does a whole process cost that classifies one picture and ends: time and memory, beside the
// same with sharp + ONNX Runtime, above an empty Node.js process?
//
//   node bench/process.mjs [--image FILE] [--model FILE.onnx] [--rounds 30]
//     [--json F] [--markdown F] [--svg F]
//
// Processes take turns; the empty one of the same round is taken off. Time is from spawn to exit,
// memory the peak resident set. Files are in the page cache. The second section loads a network and
// runs it once in a process that is warm otherwise.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Model } from '../lib/index.mjs';
import { alternate, quantile } from '../lib/bench/measure.js';
import { missing, peer } from '../lib/bench/peers.js';
import { MOBILENET, PICTURE, demand } from './support/data.mjs';
import { RESULT_OPTIONS, textOf, writeResults } from './support/results.mjs';

const CHILD = fileURLToPath(new URL('support/one-picture.mjs', import.meta.url));

const PREPACKED = 'minnow, with the prepacked cache';

/** A folder for prepacked models that goes with this process. */
function cacheFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-bench-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs one process to its end: {ms, mib}. */
function once(who, model, image, cache) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const stdio = ['ignore', 'pipe', 'inherit'];
    const child = spawn(process.execPath, [CHILD, who, model, image, cache], { stdio });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
    child.on('error', reject);
    child.on('close', (code) => {
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
      if (code === 0) resolve({ ms, mib: Number(text) / 1024 });
      else reject(new Error(`the ${who} process ended with ${code}`));
    });
  });
}

function rowOf(name, values, base) {
  const ratios = values.map((value, i) => value / base[i]);
  return {
    name,
    median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75),
    ratio: quantile(ratios, 0.5), ratioLow: quantile(ratios, 0.25),
    ratioHigh: quantile(ratios, 0.75),
  };
}

/**
 * @param {{image?: string, model?: string, rounds?: number}} [options]
 * @returns {Promise<object[]>} two sections of results: time, memory
 */
export async function benchProcesses(options = {}) {
  const { image = PICTURE, model = MOBILENET, rounds = 30 } = options;
  const who = ['minnow', PREPACKED];
  const cache = cacheFolder();
  if (peer('sharp') && peer('onnxruntime-node')) who.push('sharp + onnxruntime-node');
  else console.log(missing('sharp or onnxruntime-node'));
  const above = who.map(() => ({ ms: [], mib: [] }));
  for (let round = -2; round < rounds; round++) {
    const empty = await once('empty', model, image, '');
    for (let i = 0; i < who.length; i++) {
      const which = (i + round + 2) % who.length;
      const { ms, mib } = await once(who[which], model, image, who[which] === PREPACKED ? cache : '');
      if (round < 0) continue;
      above[which].ms.push(ms - empty.ms);
      above[which].mib.push(mib - empty.mib);
    }
  }
  const section = (name, unit, field) => ({
    name, unit, note: 'above an empty Node.js process; default threads',
    groups: [{
      name: `classify ${path.basename(image)} with ${path.basename(model)}`,
      rows: who.map((one, i) => rowOf(one, above[i][field], above[0][field])),
    }],
  });
  return [
    section('Whole process', 'ms', 'ms'),
    section('Memory of that process', 'MiB at the peak', 'mib'),
  ];
}

/**
 * @param {{model?: string, rounds?: number}} [options]
 * @returns {Promise<object>} a section of results
 */
export async function benchLoads({ model = MOBILENET, rounds = 30 } = {}) {
  const input = new Float32Array(3 * 224 * 224).fill(0.5);
  const minnow = (name, cache) => ({
    name,
    async run() {
      const network = await Model.load(model, { cache });
      await network.run({ [network.inputs[0].name]: input });
      network.close();
    },
  });
  const contenders = [minnow('minnow', false), minnow(PREPACKED, cacheFolder())];
  const ort = peer('onnxruntime-node');
  if (ort) {
    contenders.push({
      name: 'onnxruntime-node',
      async run() {
        const session = await ort.InferenceSession.create(model);
        const tensor = new ort.Tensor('float32', input, [1, 3, 224, 224]);
        await session.run({ [session.inputNames[0]]: tensor });
        await session.release();
      },
    });
  }
  const rows = await alternate(contenders, { rounds, runs: 1, warmup: 2 });
  const megabytes = (fs.statSync(model).size / 1e6).toFixed(0);
  const name = `${path.basename(model)}, ${megabytes} MB`;
  const note = 'in a running process; default threads';
  return { name: 'Load and first run', unit: 'ms', note, groups: [{ name, rows }] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      ...RESULT_OPTIONS,
      image: { type: 'string', default: PICTURE },
      model: { type: 'string', default: MOBILENET },
      rounds: { type: 'string', default: '30' },
    },
  });
  demand(values.model, values.image);
  const settings = { ...values, rounds: Number(values.rounds) };
  const sections = [...(await benchProcesses(settings)), await benchLoads(settings)];
  for (const section of sections) console.log(textOf(section));
  writeResults(sections, values);
}
