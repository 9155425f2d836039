#!/usr/bin/env node
'use strict';

/**
 * Draws labelled pictures of ten shapes: the training and test data of the
 * shapes model. Everything is decided by a seed; the same seed gives the same
 * scene at any size (only the pixel noise differs).
 *
 *   node draw.js --count 1000 --seed 1 --size 96 --raw OUT    one label byte, then
 *                                       size * size * 3 RGB bytes, for each picture
 *   node draw.js --count 20 --seed 1 --size 96 --png DIR      PNG files to look at
 */

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { Random, mixSeed, fill, stroke, blur, encodePng } = require('./raster.js');
const { OUTLINES, arc, disc, place } = require('./outlines.js');

const LABELS = Object.freeze(Object.keys(OUTLINES));
const CONTRAST = 62; // least difference of luma, shape to background, of 255
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
const luma = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b;

function colour(random) {
  return [random.range(0, 255), random.range(0, 255), random.range(0, 255)];
}

/** Two background colours and a fill lighter, or darker, than both of them. */
function palette(random) {
  for (;;) {
    const ground = colour(random);
    const drift = random.range(0, 45);
    const ground2 = ground.map((v) => clamp(v + random.range(-drift, drift), 0, 255));
    const ink = colour(random);
    const a = luma(ink) - luma(ground);
    const b = luma(ink) - luma(ground2);
    const least = Math.min(Math.abs(a), Math.abs(b));
    if (a * b > 0 && least >= CONTRAST) return { ground, ground2, ink };
  }
}

/** Smooth random bumps: a function of (x, y) in image units, within -1 to 1. */
function bumps(random, cells) {
  const grid = Float32Array.from({ length: (cells + 2) ** 2 }, () => random.range(-1, 1));
  const ease = (t) => t * t * (3 - 2 * t);
  return (x, y) => {
    const i = Math.floor(x * cells);
    const j = Math.floor(y * cells);
    const u = ease(x * cells - i);
    const v = ease(y * cells - j);
    const at = j * (cells + 2) + i;
    const upper = grid[at] * (1 - u) + grid[at + 1] * u;
    const lower = grid[at + cells + 2] * (1 - u) + grid[at + cells + 3] * u;
    return upper * (1 - v) + lower * v;
  };
}

/** A faint background texture: a function of (x, y), an offset within +-amplitude. */
function texture(random) {
  const amplitude = random.range(2, 14);
  const angle = random.range(0, Math.PI);
  const pitch = random.range(20, 90); // radians for one image side
  const along = (x, y) => (x * Math.cos(angle) + y * Math.sin(angle)) * pitch;
  const across = (x, y) => (y * Math.cos(angle) - x * Math.sin(angle)) * pitch;
  switch (random.int(4)) {
    case 0: return () => 0;
    case 1: return (x, y) => amplitude * Math.sin(along(x, y)); // stripes
    case 2: return (x, y) => amplitude * Math.sin(along(x, y)) * Math.sin(across(x, y)); // checks
    default: {
      const field = bumps(random, 3 + random.int(12));
      return (x, y) => amplitude * field(x, y);
    }
  }
}

/** A ramp over the picture from 0 to 1: linear at any angle, or radial. */
function ramp(random) {
  if (random.chance(0.35)) {
    const cx = random.next();
    const cy = random.next();
    return (x, y) => Math.min(1, Math.hypot(x - cx, y - cy));
  }
  const angle = random.range(0, 2 * Math.PI);
  const cos = Math.cos(angle) / 1.42;
  const sin = Math.sin(angle) / 1.42;
  return (x, y) => (x - 0.5) * cos + (y - 0.5) * sin + 0.5;
}

/** Thin lines, small dots, open arcs and zigzags: nothing that is a class. */
function clutter(random) {
  const kind = random.int(4);
  const x = random.next();
  const y = random.next();
  const width = random.range(0.006, 0.018);
  const angle = random.range(0, 2 * Math.PI);
  const reach = random.range(0.1, 0.7);
  if (kind === 0) return [disc(x, y, random.range(0.006, 0.024), 16)];
  if (kind === 1) {
    return stroke(arc(x, y, reach / 2, angle, angle + random.range(0.6, 2.4), 20), width);
  }
  const end = [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
  if (kind === 2) return stroke([[x, y], end], width);
  const bend = [x + random.range(-0.3, 0.3), y + random.range(-0.3, 0.3)];
  return stroke([[x, y], bend, end], width);
}

/** Blends `ink` (RGB, 0 to 255) over what the loops enclose. */
function paint(rgb, size, loops, ink) {
  fill(size, loops, (pixel, coverage) => {
    for (let c = 0; c < 3; c++) rgb[pixel * 3 + c] += coverage * (ink[c] - rgb[pixel * 3 + c]);
  });
}

/** Calls visit(pixel, x, y) for each pixel centre, x and y in image units. */
function each(size, visit) {
  for (let i = 0; i < size * size; i++) {
    visit(i, ((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size);
  }
}

function drawGround(rgb, size, random, { ground, ground2 }) {
  const shade = ramp(random);
  const grain = texture(random);
  each(size, (i, x, y) => {
    const t = shade(x, y);
    const bump = grain(x, y);
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = ground[c] + t * (ground2[c] - ground[c]) + bump;
  });
}

function drawClutter(rgb, size, random, count) {
  for (let n = 0; n < count; n++) {
    const ink = colour(random);
    for (const loop of clutter(random)) paint(rgb, size, [loop], ink);
  }
}

/** Uneven light, a mild blur, then the noise of a sensor. */
function develop(rgb, size, random) {
  const light = ramp(random);
  const from = random.range(0.82, 1.12);
  const to = random.range(0.82, 1.12);
  const sigma = random.range(0, 0.009); // image units
  const noise = random.chance(0.8) ? random.range(0, 9) : 0; // of 255
  each(size, (i, x, y) => {
    const gain = from + (to - from) * light(x, y);
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] *= gain;
  });
  blur(rgb, size, sigma * size);
  return Uint8Array.from(rgb, (v) => clamp(Math.round(v + noise * random.normal()), 0, 255));
}

/**
 * Draws one picture.
 * @param {object} options
 * @param {number} options.seed integer, 0 to 2^53 - 1; decides everything
 * @param {number} [options.size=96] side in pixels, 16 to 4096
 * @param {string} [options.label] class to draw; by default the seed picks one
 * @param {number} [options.index] the same by its number, 0 to 9
 * @returns {{data: Uint8Array, width: number, height: number, channels: 3,
 *   label: string, index: number}} RGB bytes, row by row
 */
function drawShape({ seed, size = 96, label, index }) {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed must be an integer from 0 to 2^53 - 1, got ${seed}`);
  }
  if (!Number.isInteger(size) || size < 16 || size > 4096) {
    throw new RangeError(`size must be an integer from 16 to 4096, got ${size}`);
  }
  const random = new Random(seed);
  const picked = random.int(LABELS.length);
  if (label !== undefined) index = LABELS.indexOf(label);
  else if (index === undefined) index = picked;
  if (LABELS[index] === undefined) {
    throw new RangeError(`no such class: ${label === undefined ? index : label}`);
  }
  const name = LABELS[index];
  const rgb = new Float32Array(size * size * 3);
  const colours = palette(random);
  drawGround(rgb, size, random, colours);
  drawClutter(rgb, size, random, random.int(9));
  const extent = random.range(0.4, 0.88);
  const angle = random.range(0, 2 * Math.PI);
  paint(rgb, size, place(OUTLINES[name](random), random, angle, extent, 0.03), colours.ink);
  drawClutter(rgb, size, random, random.int(3)); // a little of it on top
  const data = develop(rgb, size, random);
  return { data, width: size, height: size, channels: 3, label: name, index };
}

/**
 * Picture `n` of the series `seed`: what the command line and the accuracy
 * check draw, so a series is the same whoever draws it.
 */
function drawNth(seed, n, size = 96) {
  return drawShape({ seed: mixSeed(seed, n), size });
}

function main(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      count: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      size: { type: 'string', default: '96' },
      raw: { type: 'string' },
      png: { type: 'string' },
    },
  });
  const [count, seed, size] = [values.count, values.seed, values.size].map(Number);
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`--count must be an integer of at least 1, got ${values.count}`);
  }
  if (!values.raw && !values.png) {
    throw new Error('say where to: --raw FILE or --png DIR');
  }
  const raw = values.raw ? fs.openSync(values.raw, 'w') : -1;
  if (values.png) fs.mkdirSync(values.png, { recursive: true });
  for (let n = 0; n < count; n++) {
    const image = drawNth(seed, n, size);
    if (values.raw) {
      const record = Buffer.alloc(1 + image.data.length);
      record[0] = image.index;
      record.set(image.data, 1);
      fs.writeSync(raw, record);
    }
    if (values.png) {
      const file = `${String(n).padStart(4, '0')}-${image.label}.png`;
      fs.writeFileSync(path.join(values.png, file), encodePng(image));
    }
  }
  if (values.raw) fs.closeSync(raw);
}

module.exports = { LABELS, drawShape, drawNth, mixSeed, encodePng };

if (require.main === module) main(process.argv.slice(2));
