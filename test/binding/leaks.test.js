// Does memory stay where it is, however many pictures are classified and models loaded?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { node, times } = require('../lib/support/child.js');

const RUNS = times(300, 10_000);
const LOADS = times(60, 1000);

// Resident memory moves by some MiB as the allocators settle; a leak of one picture (192 KiB) or one
// model (more than 1 MiB) each time would be far beyond.
const BOUNDS_KIB = { classify: times(24, 1), 'load, classify, close': times(150, 8) };

test(`${RUNS} classifications and ${LOADS} models loaded and closed leave no memory behind`, async (t) => {
  const args = ['--runs', RUNS, '--loads', LOADS].map(String);
  const { code, stdout, stderr } = await node(['--expose-gc', 'bench/soak.mjs', '--json', ...args]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const phases = stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(phases.map(({ name }) => name), Object.keys(BOUNDS_KIB));
  for (const { name, kibibytesEach, points } of phases) {
    const resident = points.map(([, mebibytes]) => mebibytes.toFixed(1)).join(' ');
    t.diagnostic(`${name}: ${kibibytesEach.toFixed(2)} KiB each; resident MiB ${resident}`);
    assert.ok(kibibytesEach < BOUNDS_KIB[name], `${name}: ${kibibytesEach} KiB each, MiB ${resident}`);
  }
});
