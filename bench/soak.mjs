// Does memory stay where it is over many classifications and many loads?
//
//   node --expose-gc bench/soak.mjs [--model MODEL] [--image FILE] [--runs 1000] [--loads 100]
//     [--json]
//
// Prints the resident set in MiB after a warm-up, and then at ten points of each phase. The slope
// is the least-squares line through them.
import fs from 'node:fs';
import { parseArgs } from 'node:util';

import { MobileNet } from '../lib/index.mjs';
import draw from '../models/shapes/draw.js';

const POINTS = 10;

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    image: { type: 'string' },
    runs: { type: 'string', default: '1000' },
    loads: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});
const image = values.image
  ? fs.readFileSync(values.image)
  : draw.encodePng(draw.drawShape({ seed: 1, size: 256 }));

function residentMebibytes() {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
}

/** Growth of y a step of x. */
function slope(points) {
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
  const x = mean(points.map((point) => point[0]));
  const y = mean(points.map((point) => point[1]));
  const covariance = mean(points.map((point) => (point[0] - x) * (point[1] - y)));
  return covariance / mean(points.map((point) => (point[0] - x) ** 2));
}

async function phase(name, total, warmup, step) {
  for (let i = 0; i < warmup; i++) await step();
  const points = [[0, residentMebibytes()]];
  for (let i = 1; i <= total; i++) {
    await step();
    if (i % Math.ceil(total / POINTS) === 0) points.push([i, residentMebibytes()]);
  }
  const kibibytes = slope(points) * 1024;
  if (values.json) {
    console.log(JSON.stringify({ name, total, points, kibibytesEach: kibibytes }));
    return;
  }
  const row = points.map(([, mebibytes]) => mebibytes.toFixed(1)).join(' ');
  console.log(`${name}: ${total}, resident MiB ${row}; ${kibibytes.toFixed(2)} KiB each`);
}

if (!globalThis.gc) console.error('soak: run with --expose-gc for steadier figures');
const net = await MobileNet.load(values.model);
await phase('classify', Number(values.runs), 200, () => net.classify(image));
net.close();
await phase('load, classify, close', Number(values.loads), 20, async () => {
  const other = await MobileNet.load(values.model);
  await other.classify(image);
  other.close();
});
