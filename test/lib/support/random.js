// Seeded randomness for tests: numbers, and JSON that is almost right.
'use strict';

/** A generator of whole numbers below a bound; the same for the same seed, anywhere. */
function seeded(seed) {
  let state = seed >>> 0;
  return (below) => {
    // Mulberry32: all bits of each number are used.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** $MINNOW_FUZZ_SEED and a count from `variable`, told to the test's reader. */
function fuzzing(t, variable, otherwise, salt = 0) {
  const seed = Number(process.env.MINNOW_FUZZ_SEED ?? 42);
  const count = Number(process.env[variable] ?? otherwise);
  t.diagnostic(`MINNOW_FUZZ_SEED=${seed} ${variable}=${count}`);
  return { random: seeded(seed + salt), count };
}

function nested(depth) {
  let value = [];
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { x: value };
  return value;
}

/** What is found where something else is expected. */
const STRANGE = [
  null, true, false, 0, -1, 1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31), '', ' ', '.', '..', '../../x',
  '/etc/passwd', 'a\0b', '\ud800', 'ünïcode', 'x'.repeat(5000), '%E0%A4%A', 'file:///etc/passwd',
  'http://[', 'javascript:1', '__proto__', 'constructor', [], {}, [null], [[[]]], { x: 1 },
  { length: 1e9 }, { toString: 1 }, nested(40), Array(300).fill(0),
];

/** Every place of a JSON value, as [container, key]. */
function places(value, found = []) {
  for (const key of Object.keys(value)) {
    found.push([value, key]);
    if (typeof value[key] === 'object' && value[key] !== null) places(value[key], found);
  }
  return found;
}

/** A copy of a JSON value with one to three things changed. */
function mutateJson(value, random) {
  const copy = structuredClone(value);
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const all = places(copy);
    if (all.length === 0) break;
    const [container, key] = all[random(all.length)];
    const [from, other] = all[random(all.length)];
    switch (random(6)) {
      case 0:
        delete container[key];
        break;
      case 1:
        container[key] = structuredClone(from[other]);
        break;
      case 2:
        container[STRANGE.filter((item) => typeof item === 'string')[random(10)]] = container[key];
        break;
      default:
        container[key] = structuredClone(STRANGE[random(STRANGE.length)]);
    }
  }
  return copy;
}

/** The text of mutateJson; one in eight is broken as text, too. */
function mutateText(value, random) {
  const text = JSON.stringify(mutateJson(value, random));
  if (random(8) !== 0 || text.length === 0) return text;
  const at = random(text.length);
  const cut = [text.slice(0, at), text.slice(0, at) + text.slice(at + 1), `${text}${text.slice(at)}`];
  return cut[random(cut.length)];
}

module.exports = { fuzzing, mutateJson, mutateText, seeded };
