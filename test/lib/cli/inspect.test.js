// Does `minnow inspect` show what is in a model?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { cli } = require('../support/child.js');

test('the text has inputs, outputs, operators and costs', async () => {
  const { code, stdout, stderr } = await cli(['inspect', 'shapes']);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^shapes: onnx, output: logits$/m);
  assert.match(stdout, /^ +input +f32 +\[\?,3,96,96\] +NCHW$/m);
  assert.match(stdout, /^ +logits +f32 +\[\?,10\]$/m);
  assert.match(stdout, /^ +operator +imported +optimized$/m);
  assert.match(stdout, /^ +Conv2D +52 +52$/m);
  assert.match(stdout, /^ +multiply-accumulates +\d+\.\d million$/m);
  assert.match(stdout, /^ +weights +\d+\.\d+ MiB$/m);
});

test('the operators add up, and the passes leave fewer', async () => {
  const { stdout } = await cli(['inspect', 'shapes']);
  const rows = [...stdout.matchAll(/^ +([A-Z]\w+) +(\d+) +(\d+)$/gm)];
  const sum = (column) => rows.reduce((total, row) => total + Number(row[column]), 0);
  const [, imported, optimized] = /^ +all +(\d+) +(\d+)$/m.exec(stdout);
  assert.deepEqual([sum(2), sum(3)], [Number(imported), Number(optimized)]);
  assert.ok(Number(optimized) < Number(imported));
});

test('--profile has a line an operator with time and kernel', async () => {
  const { code, stdout } = await cli(['inspect', 'shapes', '--profile', '--runs', '2', '-t', '1']);
  assert.equal(code, 0);
  assert.match(stdout, /^time \d+\.\d+ ms a run on 1 thread$/m);
  assert.match(stdout, /^ {2}peak, in GFLOP\/s: \d+\.\d f32/m);
  assert.ok([...stdout.matchAll(/^ +\d+\.\d{3} +\d+\.\d % .*Conv2D/gm)].length > 10, stdout);
});

test('--graph prints both graphs', async () => {
  const { stdout } = await cli(['inspect', 'shapes', '--graph']);
  assert.match(stdout, /^imported graph$/m);
  assert.match(stdout, /^optimized graph$/m);
});

test('--json is one object', async () => {
  const { stdout } = await cli(['inspect', 'shapes', '--json', '--profile', '--runs', '1', '--graph']);
  const object = JSON.parse(stdout);
  assert.equal(stdout.trimEnd().split('\n').length, 1);
  assert.equal(object.model, 'shapes');
  assert.equal(object.operators.imported.Conv2D, 52);
  assert.ok(object.macs > 0 && object.weightBytes > 0 && object.arenaBytes > 0);
  assert.ok(object.profile.operators.length > 0);
  assert.equal(typeof object.graphs.optimized, 'string');
});

test('what is no model is exit code 1 and a message', async () => {
  for (const source of ['no-such', __filename]) {
    const { code, stdout, stderr } = await cli(['inspect', source]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^minnow inspect: load: /);
  }
});
