// Everything that minnow is compared by, in one go: npm run bench -- [--rounds 30] [--json F]
//   [--markdown F] [--svg F]
//
// Takes some minutes. Results appear as they come; --svg writes one chart a section. The peers come
// from bench/peers (npm install --ignore-scripts --prefix bench/peers).
import { parseArgs } from 'node:util';

import { benchPictures } from './classify.mjs';
import { benchCosts } from './cost.mjs';
import { benchIntegers } from './integers.mjs';
import { benchNetworks } from './model.mjs';
import { benchLoads, benchProcesses } from './process.mjs';
import { MOBILENET, PICTURE, demand } from './support/data.mjs';
import { benchSize } from './size.mjs';
import { RESULT_OPTIONS, machine, textOf, writeResults } from './support/results.mjs';
import { benchBatches, benchThroughput } from './throughput.mjs';

const { values } = parseArgs({
  options: { ...RESULT_OPTIONS, rounds: { type: 'string', default: '30' } },
});
const rounds = Number(values.rounds);
demand(MOBILENET, PICTURE);

console.log(machine());
const sections = [];
for (const bench of [
  () => benchNetworks({ rounds }),
  () => benchIntegers({ rounds }),
  () => benchPictures({ rounds }),
  () => benchThroughput({ rounds: Math.min(rounds, 7) }),
  () => benchCosts({ rounds: Math.min(rounds, 15) }),
  () => benchBatches({ rounds: Math.min(rounds, 15) }),
  () => benchProcesses({ rounds }),
  () => benchLoads({ rounds }),
  () => benchSize(),
]) {
  const results = [await bench()].flat();
  for (const section of results) console.log(`\n${textOf(section)}`);
  sections.push(...results);
}
writeResults(sections, values);
