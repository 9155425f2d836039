// Do the benches compare fairly and write what they measured?
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { writeResults, textOf } from '../../bench/support/results.mjs';
import { alternate, alternateRates, quantile } from '../../lib/bench/measure.js';

const pair = (calls) => ['a', 'b'].map((name) => ({ name, run: async () => void calls.push(name) }));

test('contenders take turns, nobody always first, warm-up not counted', async () => {
  const calls = [];
  const results = await alternate(pair(calls), { rounds: 4, warmup: 1, runs: 2 });
  assert.equal(calls.join(''), 'aaabbb'.concat('bbbaaa', 'aaabbb', 'bbbaaa', 'aaabbb'));
  assert.deepEqual(results.map(({ name, ms }) => [name, ms.length]), [['a', 4], ['b', 4]]);
  assert.deepEqual([results[0].ratio, results[0].ratioLow, results[0].ratioHigh], [1, 1, 1]);
});

test('rates keep as many runs in flight as asked for', async () => {
  let [now, most] = [0, 0];
  const run = async () => {
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now--;
  };
  const [result] = await alternateRates([{ name: 'a', run }], { concurrency: 3, rounds: 2, ms: 5 });
  assert.equal(most, 3);
  assert.equal(result.concurrency, 3);
  assert.equal(result.ratio, 1);
});

test('quantiles are interpolated', () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([1, 2, 3], 1), 3);
});

test('results are written as JSON, Markdown and one chart a section', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-results-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const at = (name) => path.join(folder, name);
  const row = { name: 'minnow', median: 2.5, low: 2, high: 3, ratio: 1, ratioLow: 1, ratioHigh: 1 };
  const peer = { ...row, name: 'other & co', median: 5, ratio: 2, ratioLow: 1.9, ratioHigh: 2.1 };
  const section = (name) => ({ name, unit: 'ms', note: 'a note', groups: [{ name: 'net', rows: [row, peer] }] });
  const sections = [section('First one'), section('Second')];
  writeResults(sections, { json: at('r.json'), markdown: at('r.md'), svg: at('r.svg') });
  assert.deepEqual(JSON.parse(fs.readFileSync(at('r.json'), 'utf8')).sections, sections);
  assert.match(fs.readFileSync(at('r.md'), 'utf8'), /^\| net \| other & co \| 5\.00 \| 2\.00 to 3\.00 \| 2\.00 \(1\.90\.\.2\.10\) \|$/m);
  assert.deepEqual(fs.readdirSync(folder).sort(), ['r-first-one.svg', 'r-second.svg', 'r.json', 'r.md']);
  assert.match(fs.readFileSync(at('r-second.svg'), 'utf8'), /^<svg [^]*other &amp; co[^]*<\/svg>\n$/);
  assert.match(textOf(sections[0]), /other & co +5\.00 +2\.00\.\.3\.00 +x2\.00/);
});
