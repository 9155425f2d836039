// Do the programs in examples/ do what they say, as a user has them?
'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { draw, png, temporaryFolder } = require('../lib/support/pictures.js');
const { ROOT } = require('./tree.js');

const EXAMPLES = path.join(ROOT, 'examples');
const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** A project that has minnow installed, the examples, and two pictures. */
function project(t) {
  const folder = temporaryFolder(t);
  fs.mkdirSync(path.join(folder, 'node_modules', '@types'), { recursive: true });
  fs.symlinkSync(ROOT, path.join(folder, 'node_modules', 'minnow'));
  const types = path.join(ROOT, 'node_modules', '@types', 'node');
  if (fs.existsSync(types)) fs.symlinkSync(types, path.join(folder, 'node_modules', '@types', 'node'));
  for (const name of fs.readdirSync(EXAMPLES)) {
    fs.copyFileSync(path.join(EXAMPLES, name), path.join(folder, name));
  }
  fs.writeFileSync(path.join(folder, 'package.json'), '{"name": "user", "private": true}');
  fs.writeFileSync(path.join(folder, 'a.png'), png(1));
  fs.writeFileSync(path.join(folder, 'b.png'), png(2));
  return folder;
}

function run(cwd, ...args) {
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
}

const label = (seed) => draw(seed).label;

test('every example is run here', () => {
  const known = ['README.md', 'abort.mjs', 'classify.cjs', 'tensors.ts', 'workers.mjs'];
  assert.deepEqual(fs.readdirSync(EXAMPLES).sort(), known);
  const listed = fs.readFileSync(path.join(EXAMPLES, 'README.md'), 'utf8');
  for (const name of known.slice(1)) assert.ok(listed.includes(`(${name})`), name);
});

test('classify.cjs names the best classes of each picture and goes on after a bad one', (t) => {
  const result = spawnSync(process.execPath, ['classify.cjs', 'a.png', 'none.png', 'b.png'], {
    cwd: project(t), encoding: 'utf8',
  });
  assert.equal(result.status, 0);
  const lines = result.stdout.trim().split('\n');
  assert.equal(lines.length, 6);
  assert.deepEqual([lines[0], lines[3]].map((line) => line.split(' ')[0]), [label(1), label(2)]);
  assert.match(result.stderr, /^none\.png: /);
});

test('abort.mjs names the class', (t) => {
  assert.equal(run(project(t), 'abort.mjs', 'a.png').trim(), label(1));
});

test('workers.mjs has both workers answer', (t) => {
  const lines = run(project(t), 'workers.mjs', 'a.png', 'b.png').trim().split('\n').sort();
  assert.deepEqual(lines, [`a.png ${label(1)}`, `b.png ${label(2)}`]);
});

test('tensors.ts compiles strictly and runs', { skip: !fs.existsSync(tsc) && 'no typescript' }, (t) => {
  const folder = project(t);
  run(folder, tsc, '--strict', '--module', 'node16', '--target', 'es2022', '--lib',
    'es2022,esnext.disposable', '--types', 'node', 'tensors.ts');
  const lines = run(folder, 'tensors.js', 'shapes').trim().split('\n');
  assert.match(lines[0], /^input f32 \[ -1, 3, 96, 96 \] NCHW$/);
  assert.match(lines[1], /^logits \[ 1, 10 \]$/);
});
