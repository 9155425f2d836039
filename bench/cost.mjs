// What does MobileNetV2 cost as it gets wider, and on more threads, beside ONNX Runtime?
//
//   node bench/cost.mjs [--rounds 15] [--json F] [--markdown F] [--svg F]
//
// The networks have random weights (bench/src/models/mobilenet_v2.cc, built by
// `npm run bench:native`). What pictures and batches cost: classify.mjs and throughput.mjs.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { alternate } from '../lib/bench/measure.js';
import { networkContenders } from '../lib/bench/networks.js';
import { threadsText } from './support/data.mjs';
import { programOf } from './support/programs.mjs';
import { RESULT_OPTIONS, textOf, writeResults } from './support/results.mjs';

const WIDTHS = ['0.35', '0.5', '0.75', '1.0', '1.4'];
// Peers in WebAssembly are measured by model.mjs.
const NATIVE = (contender) => contender.name !== 'onnxruntime-web';

async function compare(name, file, threads, rounds) {
  const contenders = await networkContenders(file, { threads });
  const rows = await alternate(contenders.filter(NATIVE), { rounds });
  for (const { close } of contenders) await close();
  return { name, rows };
}

/**
 * @param {{rounds?: number}} [options]
 * @returns {Promise<object[]>} sections of results; none where the networks cannot be made
 */
export async function benchCosts({ rounds = 15 } = {}) {
  const program = programOf('minnow_mobilenet_v2');
  if (program === null) {
    console.log('The networks for costs are not built: npm run bench:native\n');
    return [];
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-cost-'));
  try {
    const files = WIDTHS.map((width) => path.join(folder, `mobilenet_v2_${width}.onnx`));
    files.forEach((file, i) => execFileSync(program, [WIDTHS[i], file]));
    const widths = [];
    const threads = [];
    for (const count of [1, 2]) {
      for (const [i, file] of files.entries()) {
        const name = `width ${WIDTHS[i]}, ${threadsText(count)}`;
        widths.push(await compare(name, file, count, rounds));
      }
    }
    for (let count = 1; count <= os.availableParallelism(); count++) {
      const file = files[WIDTHS.indexOf('1.0')];
      threads.push(await compare(threadsText(count), file, count, rounds));
    }
    const note = 'MobileNetV2, 224 x 224, random weights';
    return [
      { name: 'Widths', unit: 'ms a run', note, groups: widths },
      { name: 'Threads', unit: 'ms a run', note: `${note}, width 1.0`, groups: threads },
    ];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { ...RESULT_OPTIONS, rounds: { type: 'string', default: '15' } },
  });
  const sections = await benchCosts({ rounds: Number(values.rounds) });
  for (const section of sections) console.log(textOf(section));
  writeResults(sections, values);
}
