// Do both entries give the same, and do the types name what there is?
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import * as esm from '../../lib/index.mjs';

const require = createRequire(import.meta.url);
const cjs = require('../../lib/index.js');
const types = fs.readFileSync(new URL('../../lib/index.d.ts', import.meta.url), 'utf8');

test('import and require give the same objects', () => {
  const { default: all, ...named } = esm;
  assert.equal(all, cjs);
  assert.deepEqual({ ...named }, cjs);
});

const isClass = (name) => /^class\b/.test(Function.prototype.toString.call(cjs[name]));

test('the types declare everything that is exported, as what it is', () => {
  for (const name of Object.keys(cjs)) {
    const kind = isClass(name) ? 'class' : 'function';
    assert.match(types, new RegExp(`^export ${kind} ${name}\\b`, 'm'));
  }
});

test('the types declare every public member of the classes', () => {
  for (const name of Object.keys(cjs).filter(isClass)) {
    const body = types.slice(types.indexOf(`export class ${name} `)).split('\n}')[0];
    const own = Object.getOwnPropertyNames(cjs[name].prototype);
    const statics = Object.getOwnPropertyNames(cjs[name]).filter((key) => typeof cjs[name][key] === 'function');
    for (const member of [...own, ...statics]) {
      if (name === 'MinnowError' && member === 'name') continue;
      assert.match(body, new RegExp(`\\b${member}\\b`), `${name}.${member}`);
    }
  }
});

test('the types list every code of MinnowError', () => {
  const { CODES } = require('../../lib/errors.js');
  const listed = [...types.matchAll(/\| '(ERR_\w+)'/g)].map((match) => match[1]);
  assert.deepEqual(listed.sort(), [...CODES].sort());
});
