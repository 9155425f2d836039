// Do the published types compile, strictly, with programs that use them?
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const test = require('node:test');

test('TypeScript compiles the declarations and the programs of this folder', () => {
  const compiler = require.resolve('typescript/bin/tsc');
  const args = [compiler, '--project', path.join(__dirname, 'tsconfig.json')];
  const result = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(result.stdout, '');
  assert.equal(result.status, 0);
});
