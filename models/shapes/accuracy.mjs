#!/usr/bin/env node
/**
 * Draws fresh pictures and classifies them with minnow's own shapes model.
 *
 *   node models/shapes/accuracy.mjs [--count 1000] [--seed N] [--size 96]
 *
 * The seed comes from the clock unless given, so every run is a new test. Prints
 * the top-1 accuracy with its 95 % interval and the mistakes by kind; the exit
 * status is 1 below 98 %.
 */

import { parseArgs } from 'node:util';
import draw from './draw.js';
import { MobileNet } from '../../lib/index.mjs';

const REQUIRED = 0.98;
const BATCH = 50;

/** Wilson's interval for `hits` of `count` at 95 %: [low, high], 0 to 1. */
function interval(hits, count) {
  const z = 1.96;
  const p = hits / count;
  const spread = z * Math.sqrt((p * (1 - p)) / count + (z * z) / (4 * count * count));
  const scale = 1 + (z * z) / count;
  const middle = p + (z * z) / (2 * count);
  return [(middle - spread) / scale, (middle + spread) / scale];
}

function whole(name, text, low) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < low) {
    throw new RangeError(`--${name} must be an integer of at least ${low}, got ${text}`);
  }
  return value;
}

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now()) },
    size: { type: 'string', default: '96' },
  },
});
const count = whole('count', values.count, 1);
const seed = whole('seed', values.seed, 0);
const size = whole('size', values.size, 16);

const net = await MobileNet.load();
const mistakes = new Map();
let hits = 0;
for (let n = 0; n < count; n += BATCH) {
  const images = [];
  for (let i = n; i < Math.min(count, n + BATCH); i++) images.push(draw.drawNth(seed, i, size));
  const answers = await net.classifyBatch(
    images.map(({ data, width, height, channels }) => ({ data, width, height, channels })),
  );
  answers.forEach(([best], i) => {
    if (best.label === images[i].label) {
      hits++;
      return;
    }
    const kind = `${images[i].label} taken for ${best.label}`;
    if (!mistakes.has(kind)) mistakes.set(kind, []);
    mistakes.get(kind).push(n + i);
  });
}

const percent = (x) => `${(100 * x).toFixed(2)} %`;
const [low, high] = interval(hits, count);
console.log(`seed ${seed}, ${count} pictures of ${size} x ${size}`);
console.log(`top-1 ${percent(hits / count)} (95 % interval ${percent(low)} to ${percent(high)})`);
for (const [kind, which] of [...mistakes].sort((a, b) => b[1].length - a[1].length)) {
  console.log(`  ${which.length} x ${kind} (pictures ${which.join(', ')})`);
}
if (hits / count < REQUIRED) {
  console.error(`below the required ${percent(REQUIRED)}`);
  process.exitCode = 1;
}
