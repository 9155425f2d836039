'use strict';

/**
 * The small raster toolbox behind draw.js: a seeded random source, an
 * antialiasing polygon filler, a Gaussian blur and a PNG writer.
 * Geometry is in image units: x to the right and y down, both 0 to 1.
 */

const { encodePng } = require('../../lib/image/png.js');

/** Scrambles 32 bits so that neighbouring inputs give unrelated outputs. */
function scramble(x) {
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * Derives the seed of picture `n` of the series `seed`.
 * @param {number} seed integer, 0 to 2^53 - 1
 * @param {number} n integer, 0 to 2^32 - 1
 * @returns {number} integer, 0 to 2^32 - 1
 */
function mixSeed(seed, n) {
  const high = Math.floor(seed / 0x100000000);
  const state = scramble((seed >>> 0) + 0x9e3779b9) ^ scramble(high + 0x7f4a7c15);
  return scramble(state + Math.imul(n, 0x9e3779b1));
}

/** A xorshift128 random source with the few draws the scenes need. */
class Random {
  /** @param {number} seed integer, 0 to 2^53 - 1 */
  constructor(seed) {
    this.s = new Uint32Array(4);
    for (let i = 0; i < 4; i++) this.s[i] = mixSeed(seed, i + 1);
    this.s[0] |= 1; // the all-zero state never leaves itself
  }

  /** @returns {number} uniform, 0 <= value < 1 */
  next() {
    const s = this.s;
    let t = s[3];
    t ^= t << 11;
    t ^= t >>> 8;
    s[3] = s[2];
    s[2] = s[1];
    s[1] = s[0];
    s[0] = t ^ s[0] ^ (s[0] >>> 19);
    return s[0] / 0x100000000;
  }

  /** @returns {number} uniform, low <= value < high */
  range(low, high) {
    return low + (high - low) * this.next();
  }

  /** @returns {number} a uniform integer, 0 <= value < n */
  int(n) {
    return Math.floor(this.next() * n);
  }

  /** @returns {boolean} true with probability p */
  chance(p) {
    return this.next() < p;
  }

  /** @returns {number} near-normal, mean 0, standard deviation 1, within +-3.5 */
  normal() {
    const sum = this.next() + this.next() + this.next() + this.next();
    return (sum - 2) * 1.7320508;
  }
}

/**
 * Fills closed outlines (even-odd rule, so a loop inside a loop is a hole).
 * Rows are sampled four times; along x the coverage is exact.
 * @param {number} size side of the picture in pixels
 * @param {Array<Array<[number, number]>>} loops outlines in image units
 * @param {function(number, number): void} paint called as (pixel, coverage)
 *   for each touched pixel; coverage is above 0 and at most 1
 */
function fill(size, loops, paint) {
  const samples = 4;
  const cover = new Float32Array(size);
  let top = Infinity;
  let bottom = -Infinity;
  for (const loop of loops) {
    for (const [, y] of loop) {
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  const first = Math.max(0, Math.floor(top * size));
  const last = Math.min(size - 1, Math.floor(bottom * size));
  for (let row = first; row <= last; row++) {
    cover.fill(0);
    for (let s = 0; s < samples; s++) {
      const xs = crossings(loops, (row + (s + 0.5) / samples) / size);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        addSpan(cover, xs[i] * size, xs[i + 1] * size, 1 / samples);
      }
    }
    for (let x = 0; x < size; x++) {
      if (cover[x] > 0) paint(row * size + x, Math.min(1, cover[x]));
    }
  }
}

/** Where the outlines cross the horizontal line at y: sorted x values. */
function crossings(loops, y) {
  const xs = [];
  for (const loop of loops) {
    let [px, py] = loop[loop.length - 1];
    for (const [qx, qy] of loop) {
      if (py <= y !== qy <= y) xs.push(px + ((y - py) / (qy - py)) * (qx - px));
      px = qx;
      py = qy;
    }
  }
  return xs.sort((a, b) => a - b);
}

/** Adds `weight` to the pixels between x0 and x1 (pixels), parts included. */
function addSpan(cover, x0, x1, weight) {
  const from = Math.max(0, x0);
  const to = Math.min(cover.length, x1);
  for (let x = Math.floor(from); x < to; x++) {
    cover[x] += weight * (Math.min(to, x + 1) - Math.max(from, x));
  }
}

/**
 * The outline of a stroke: an open path made `width` wide, flat ends.
 * @param {Array<[number, number]>} path two or more points, image units
 * @param {number} width image units
 * @returns {Array<Array<[number, number]>>} one quad for each path segment
 */
function stroke(path, width) {
  const quads = [];
  for (let i = 1; i < path.length; i++) {
    const [ax, ay] = path[i - 1];
    const [bx, by] = path[i];
    const length = Math.hypot(bx - ax, by - ay) || 1;
    const nx = ((ay - by) / length) * (width / 2);
    const ny = ((bx - ax) / length) * (width / 2);
    quads.push([[ax + nx, ay + ny], [bx + nx, by + ny], [bx - nx, by - ny], [ax - nx, ay - ny]]);
  }
  return quads;
}

/**
 * Blurs an interleaved RGB picture in place; edges repeat the border pixel.
 * @param {Float32Array} rgb size * size * 3 values
 * @param {number} size side in pixels
 * @param {number} sigma standard deviation in pixels; below 0.2 does nothing
 */
function blur(rgb, size, sigma) {
  if (sigma < 0.2) return;
  const radius = Math.ceil(2.5 * sigma);
  const taps = [];
  for (let i = -radius; i <= radius; i++) taps.push(Math.exp((-i * i) / (2 * sigma * sigma)));
  const sum = taps.reduce((a, b) => a + b);
  const line = new Float32Array(size);
  const pass = (start, step) => {
    for (let i = 0; i < size; i++) line[i] = rgb[start + i * step];
    for (let i = 0; i < size; i++) {
      let value = 0;
      for (let k = -radius; k <= radius; k++) {
        value += taps[k + radius] * line[Math.min(size - 1, Math.max(0, i + k))];
      }
      rgb[start + i * step] = value / sum;
    }
  };
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < size; i++) pass(i * size * 3 + c, 3);
    for (let i = 0; i < size; i++) pass(i * 3 + c, size * 3);
  }
}

module.exports = { Random, mixSeed, fill, stroke, blur, encodePng };
