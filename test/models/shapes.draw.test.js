// Are the shapes model's pictures what the seed says, of every class and any size?
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const zlib = require('node:zlib');
const script = path.join(__dirname, '..', '..', 'models', 'shapes', 'draw.js');
const { LABELS, drawShape, drawNth, mixSeed, encodePng } = require(script);

/** Mean absolute difference of two pictures, 0 to 255. */
function difference(a, b) {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i] - b.data[i]);
  return sum / a.data.length;
}

/** The picture at half its side, each pixel the mean of four. */
function halved({ data, width, height }) {
  const out = new Uint8Array((width / 2) * (height / 2) * 3);
  for (let y = 0; y < height / 2; y++) {
    for (let x = 0; x < width / 2; x++) {
      for (let c = 0; c < 3; c++) {
        const at = (2 * y * width + 2 * x) * 3 + c;
        const sum = data[at] + data[at + 3] + data[at + width * 3] + data[at + width * 3 + 3];
        out[(y * (width / 2) + x) * 3 + c] = sum / 4;
      }
    }
  }
  return { data: out };
}

test('the ten labels are distinct, sorted and the same as labels.txt', () => {
  assert.equal(LABELS.length, 10);
  assert.equal(new Set(LABELS).size, 10);
  assert.deepEqual([...LABELS].sort(), [...LABELS]);
  const file = path.join(path.dirname(script), 'labels.txt');
  assert.deepEqual(fs.readFileSync(file, 'utf8').trim().split('\n'), [...LABELS]);
});

test('a seed decides the picture', () => {
  for (const seed of [0, 1, 12345, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER]) {
    assert.deepEqual(drawShape({ seed }), drawShape({ seed }));
  }
});

test('different seeds give different pictures', () => {
  const seen = Array.from({ length: 40 }, (_, seed) => drawShape({ seed }));
  for (let i = 0; i < seen.length; i++) {
    for (let j = 0; j < i; j++) assert.ok(difference(seen[i], seen[j]) > 3, `${i} and ${j}`);
  }
  assert.ok(difference(drawShape({ seed: 5 }), drawShape({ seed: 5 + 2 ** 32 })) > 3);
});

test('a series of 400 draws every label, none of them rarely', () => {
  const tally = new Map(LABELS.map((label) => [label, 0]));
  for (let n = 0; n < 400; n++) {
    const { label } = drawNth(9, n, 16);
    tally.set(label, tally.get(label) + 1);
  }
  for (const [label, times] of tally) assert.ok(times >= 15, `${label}: ${times}`);
});

test('label and index choose the class', () => {
  LABELS.forEach((label, index) => {
    const named = drawShape({ seed: 3, label });
    assert.equal(named.label, label);
    assert.equal(named.index, index);
    assert.deepEqual(drawShape({ seed: 3, index }), named);
  });
  const [a, b] = ['ring', 'circle'].map((label) => drawShape({ seed: 3, label }));
  assert.ok(difference(a, b) > 0);
});

test('any size holds the same scene', () => {
  for (const size of [16, 33, 48, 96, 224]) {
    const image = drawShape({ seed: 8, size });
    assert.ok(image.data instanceof Uint8Array);
    assert.equal(image.data.length, size * size * 3);
    assert.equal(image.width, size);
    assert.equal(image.height, size);
    assert.equal(image.channels, 3);
    assert.equal(image.label, drawShape({ seed: 8 }).label);
  }
  for (let seed = 0; seed < 12; seed++) {
    const small = drawShape({ seed, size: 96 });
    const large = halved(drawShape({ seed, size: 192 }));
    assert.ok(difference(small, large) < 10, `seed ${seed}: ${difference(small, large)}`);
  }
});

test('every picture has a shape that stands out', () => {
  for (let n = 0; n < 60; n++) {
    const { data } = drawNth(4, n, 48);
    const lumas = [];
    for (let i = 0; i < data.length; i += 3) {
      lumas.push(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]);
    }
    lumas.sort((a, b) => a - b);
    const at = (share) => lumas[Math.floor(share * (lumas.length - 1))];
    assert.ok(at(0.98) - at(0.02) > 35, `picture ${n}`);
  }
});

test('what cannot be drawn is refused', () => {
  for (const seed of [-1, 0.5, NaN, 2 ** 53, '1', undefined]) {
    assert.throws(() => drawShape({ seed }), RangeError);
  }
  for (const size of [0, 15, 4097, 96.5, '96']) {
    assert.throws(() => drawShape({ seed: 1, size }), RangeError);
  }
  assert.throws(() => drawShape({ seed: 1, label: 'ellipse' }), /no such class: ellipse/);
  assert.throws(() => drawShape({ seed: 1, index: 10 }), /no such class: 10/);
});

test('a PNG holds the pixels as they are', () => {
  const image = drawShape({ seed: 2, size: 20 });
  const png = encodePng(image);
  assert.equal(png.readUInt32BE(16), 20);
  assert.equal(png.readUInt32BE(20), 20);
  const length = png.readUInt32BE(33); // of the chunk after the signature and IHDR
  assert.equal(png.toString('latin1', 37, 41), 'IDAT');
  const rows = zlib.inflateSync(png.subarray(41, 41 + length));
  for (let y = 0; y < 20; y++) {
    assert.equal(rows[y * 61], 0);
    const row = rows.subarray(y * 61 + 1, y * 61 + 61);
    assert.deepEqual([...row], [...image.data.subarray(y * 60, y * 60 + 60)]);
  }
});

test('the command line writes records and PNG files', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shapes-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const raw = path.join(folder, 'raw');
  const options = ['--count', '3', '--seed', '6', '--size', '24', '--raw', raw, '--png', folder];
  execFileSync(process.execPath, [script, ...options]);
  const records = fs.readFileSync(raw);
  assert.equal(records.length, 3 * (1 + 24 * 24 * 3));
  for (let n = 0; n < 3; n++) {
    const image = drawShape({ seed: mixSeed(6, n), size: 24 });
    const record = records.subarray(n * 1729, (n + 1) * 1729);
    assert.equal(record[0], image.index);
    assert.ok(record.subarray(1).equals(image.data));
    const png = fs.readFileSync(path.join(folder, `000${n}-${image.label}.png`));
    assert.ok(png.equals(encodePng(image)));
  }
});
