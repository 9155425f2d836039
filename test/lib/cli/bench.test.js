// Does `minnow bench` measure what it says?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { cli } = require('../support/child.js');
const { temporaryFolder } = require('../support/pictures.js');

test('--json has latency by threads and throughput by requests in flight; --svg a chart', async (t) => {
  const svg = path.join(temporaryFolder(t), 'chart.svg');
  const args = ['bench', 'shapes', '--rounds', '1', '--threads', '2', '--json', '--svg', svg];
  const { code, stdout, stderr } = await cli(args);
  assert.deepEqual([code, stderr], [0, '']);
  const report = JSON.parse(stdout);
  assert.equal(report.model, 'shapes');
  assert.deepEqual(report.latency.map(({ name, threads }) => [name, threads]), [['minnow', 1], ['minnow', 2]]);
  for (const { median, low, high, p95, ratio } of report.latency) {
    assert.ok(median > 0 && low <= median && median <= high && p95 > 0);
    assert.equal(ratio, 1);
  }
  assert.deepEqual(report.throughput.map(({ concurrency }) => concurrency), [1, 2, 4, 8]);
  assert.ok(report.throughput.every(({ perSecond }) => perSecond > 0));
  assert.match(fs.readFileSync(svg, 'utf8'), /^<svg [^]*shapes: milliseconds a run/);
});

test('the text names the engine, the threads and the unit', async () => {
  const { code, stdout } = await cli(['bench', '--rounds', '1', '--threads', '1']);
  assert.equal(code, 0);
  assert.match(stdout, /^latency, milliseconds a run$/m);
  assert.match(stdout, /^ +minnow +1 +\d+\.\d\d /m);
  assert.match(stdout, /^throughput, runs a second on 1 threads?$/m);
});

test('a model that cannot be loaded is exit code 1', async () => {
  const { code, stderr } = await cli(['bench', 'no-such-model']);
  assert.equal(code, 1);
  assert.match(stderr, /^minnow bench: load: /);
});
