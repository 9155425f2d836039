'use strict';

/**
 * The outlines of the ten classes. Each function takes a Random and returns
 * closed loops of [x, y] points around the origin, roughly of radius 1, in a
 * fixed pose; proportions vary a little, within what still reads as the class.
 * A loop inside a loop is a hole.
 */

const TAU = 2 * Math.PI;

/** Points on an arc from angle a to angle b (radians). */
function arc(cx, cy, radius, a, b, points) {
  const out = [];
  for (let i = 0; i < points; i++) {
    const t = a + ((b - a) * i) / (points - 1);
    out.push([cx + radius * Math.cos(t), cy + radius * Math.sin(t)]);
  }
  return out;
}

/** A full circle as a closed loop. */
function disc(cx, cy, radius, points = 72) {
  return arc(cx, cy, radius, 0, TAU * (1 - 1 / points), points);
}

/** A regular polygon of n corners on the unit circle. */
function regular(n) {
  return disc(0, 0, 1, n);
}

function arrow(random) {
  const shaft = random.range(0.17, 0.24); // half width of the shaft
  const head = random.range(0.52, 0.66); // half width of the head
  const neck = random.range(0.05, 0.25); // where the head begins
  return [[[-1, -shaft], [neck, -shaft], [neck, -head], [1, 0], [neck, head], [neck, shaft],
    [-1, shaft]]];
}

function crescent(random) {
  const r = random.range(0.8, 0.9); // radius of the bite
  const d = random.range(0.36, 0.5); // its distance from the centre
  const x = (1 - r * r + d * d) / (2 * d); // where the two circles meet
  const y = Math.sqrt(1 - x * x);
  const outer = Math.atan2(y, x);
  const inner = Math.atan2(y, x - d);
  return [[...arc(0, 0, 1, outer, TAU - outer, 64), ...arc(d, 0, r, TAU - inner, inner, 64)]];
}

function cross(random) {
  const w = random.range(0.24, 0.36); // half width of the arms
  return [[[-w, -1], [w, -1], [w, -w], [1, -w], [1, w], [w, w], [w, 1], [-w, 1], [-w, w], [-1, w],
    [-1, -w], [-w, -w]]];
}

function heart(random) {
  const width = random.range(0.95, 1.1);
  const loop = [];
  for (let i = 0; i < 80; i++) {
    const t = (TAU * i) / 80;
    const x = 16 * Math.sin(t) ** 3;
    const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
    loop.push([(x * width) / 16, -(y + 2.5) / 16]);
  }
  return [loop];
}

function star(random) {
  const notch = random.range(0.38, 0.48); // radius of the inner corners
  return [disc(0, 0, 1, 10).map(([x, y], i) => (i % 2 ? [x * notch, y * notch] : [x, y]))];
}

function triangle(random) {
  const wobble = () => random.range(-0.12, 0.12); // radians, about 7 degrees
  return [[0, 1, 2].map((i) => {
    const t = (TAU * i) / 3 + wobble();
    return [Math.cos(t), Math.sin(t)];
  })];
}

/** Class name to outline, in the order of the model's outputs. */
const OUTLINES = {
  arrow,
  circle: () => [disc(0, 0, 1)],
  crescent,
  cross,
  heart,
  pentagon: () => [regular(5)],
  ring: (random) => [disc(0, 0, 1), disc(0, 0, random.range(0.45, 0.66))],
  square: () => [regular(4)],
  star,
  triangle,
};

/**
 * Turns the loops by `angle` (radians), scales them so that the longer side of
 * their bounding box is `extent`, and moves that box to a random place with
 * `margin` left to every border. All in image units.
 */
function place(loops, random, angle, extent, margin) {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const turned = loops.map((loop) => loop.map(([x, y]) => [x * cos - y * sin, x * sin + y * cos]));
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (const point of turned.flat()) {
    for (let k = 0; k < 2; k++) {
      low[k] = Math.min(low[k], point[k]);
      high[k] = Math.max(high[k], point[k]);
    }
  }
  const scale = extent / Math.max(high[0] - low[0], high[1] - low[1]);
  const at = [0, 1].map((k) => random.range(margin, 1 - margin - (high[k] - low[k]) * scale));
  return turned.map((loop) => loop.map((p) => [0, 1].map((k) => at[k] + (p[k] - low[k]) * scale)));
}

module.exports = { OUTLINES, arc, disc, place };
