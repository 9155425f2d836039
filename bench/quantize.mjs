// What does quantisation cost in accuracy? Prints a row a network and a way to quantise it.
//
//   node bench/quantize.mjs [--count 1000] [--seed 1] [--all]
//
// The shapes model: freshly drawn pictures with their labels. MobileNetV2, where the test data is
// present: the photographs there and, since they are few, variants of each (crops, mirror images,
// other light), labelled with what the photograph shows. The loss is the difference of the two
// networks' top-1, in points. --all tries every combination of options.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import draw from '../models/shapes/draw.js';
import { MobileNet, quantize } from '../lib/index.mjs';

const require = createRequire(import.meta.url);
const { preprocessOf } = require('../lib/mobilenet.js');
const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const DATA = process.env.MINNOW_TEST_DATA ?? path.join(ROOT, '..', 'shared', 'data');
const SIDE = 224;

/** What the photographs show: class of 1001 (0 is the background). */
const CLASSES = {
  'banana.jpg': 955, // banana
  'bird.jpg': 98, // drake (a mandarin duck)
  'cat_1080p.jpg': 286, // Egyptian cat
  'cat_720p.jpg': 286, // Egyptian cat
  'dog.jpg': 208, // golden retriever
  'golden-retriever.jpeg': 208, // golden retriever
  'grace_hopper.jpg': 653, // military uniform
  'husky.jpeg': 249, // Eskimo dog, husky
  'kite_and_cold.jpg': 979, // seashore, coast
  'mushroom.jpg': 948, // mushroom
  'parrot.jpg': 89, // macaw
};

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean' },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomFrom(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function* shapes() {
  for (let i = 0; i < count; i++) {
    const { data, width, height, channels, label } = draw.drawNth(seed, i, 96);
    yield { image: { data, width, height, channels }, label };
  }
}

/** Between the four pixels around a place, for one channel. */
function pixelAt(pixels, x, y, c) {
  const clamp = (value) => Math.min(Math.max(value, 0), SIDE - 1);
  const [left, top] = [clamp(Math.floor(x)), clamp(Math.floor(y))];
  const [right, bottom] = [clamp(left + 1), clamp(top + 1)];
  const [fx, fy] = [clamp(x) - left, clamp(y) - top];
  const at = (row, column) => pixels[(row * SIDE + column) * 3 + c];
  const above = at(top, left) * (1 - fx) + at(top, right) * fx;
  const below = at(bottom, left) * (1 - fx) + at(bottom, right) * fx;
  return above * (1 - fy) + below * fy;
}

/**
 * A square part of 80 to 100 %, perhaps mirrored, brighter or darker, of more or less contrast, as
 * 8-bit pixels of the network's size.
 */
function variantOf(pixels, random) {
  const side = SIDE * (0.8 + 0.2 * random());
  const top = random() * (SIDE - side);
  const left = random() * (SIDE - side);
  const mirrored = random() < 0.5;
  const gain = 0.8 + 0.4 * random();
  const shift = 30 * (random() - 0.5);
  const data = new Uint8ClampedArray(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const column = mirrored ? SIDE - 1 - x : x;
      const [fromX, fromY] = [left + (column * side) / SIDE, top + (y * side) / SIDE];
      for (let c = 0; c < 3; c++) {
        const value = pixelAt(pixels, fromX, fromY, c);
        data[(y * SIDE + x) * 3 + c] = (value - 128) * gain + 128 + shift;
      }
    }
  }
  return { data, width: SIDE, height: SIDE, channels: 3 };
}

/** `count` variants in all of the photographs, each seen at the network's size, with labels. */
async function photographs(net) {
  const folder = path.join(DATA, 'images');
  const files = Object.keys(CLASSES).filter((name) => fs.existsSync(path.join(folder, name)));
  const random = randomFrom(seed);
  const seen = [];
  for (const name of files) {
    const { data } = await preprocessOf(net, path.join(folder, name));
    seen.push(data.map((value) => (value + 1) * 127.5));
  }
  return Array.from({ length: count }, (_, i) => ({
    image: variantOf(seen[i % seen.length], random), label: CLASSES[files[i % files.length]],
  }));
}

async function measure(name, model, images, options) {
  const { range, equalize, biasCorrection } = options;
  const start = performance.now();
  const { report } = await quantize(model, images, options);
  const seconds = (performance.now() - start) / 1000;
  const percent = (x) => `${(100 * x).toFixed(2)} %`;
  console.log(
    [
      name.padEnd(14), `${report.calibrated}+${report.tested} pictures`,
      `agreement ${percent(report.agreement)}`,
      `top-1 ${percent(report.floatTop1)} -> ${percent(report.quantizedTop1)}`,
      `loss ${(100 * (report.floatTop1 - report.quantizedTop1)).toFixed(2)} points`,
      `${report.signalToNoiseDb.toFixed(1)} dB`,
      `equalized ${report.equalized}, bias ${report.biasCorrected}`,
      `${(report.bytes / 1e6).toFixed(2)} MB`, `${seconds.toFixed(0)} s`,
      JSON.stringify({ range, equalize, biasCorrection }),
    ].join('  '),
  );
}

const choices = [{}];
if (values.all) {
  for (const range of ['mse', 'percentile', 'minmax']) {
    for (const equalize of [false, true]) {
      for (const biasCorrection of [false, true]) choices.push({ range, equalize, biasCorrection });
    }
  }
}
for (const options of choices) await measure('shapes', 'shapes', shapes(), options);

const frozen = path.join(DATA, 'models', 'mobilenet_v2_1.0_224_frozen.pb');
if (fs.existsSync(frozen)) {
  const net = await MobileNet.load(frozen);
  const images = await photographs(net);
  net.close();
  for (const options of choices) await measure('mobilenet_v2', frozen, images, options);
} else {
  console.log(`mobilenet_v2: left out, no ${frozen}`);
}
