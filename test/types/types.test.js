// Do the types accept right programs and refuse wrong ones?
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const test = require('node:test');

const ROOT = path.join(__dirname, '..', '..');

function compiler() {
  try {
    return require.resolve('typescript/bin/tsc', { paths: [ROOT] });
  } catch {
    return null;
  }
}

const tsc = compiler();

test('programs compile against the package as they find it, by import and by require', { skip: tsc === null && 'no typescript' }, () => {
  const result = spawnSync(process.execPath, [tsc, '--project', __dirname], { encoding: 'utf8' });
  assert.equal(result.stdout, '');
  assert.equal(result.status, 0);
});
