// Is docs/api.md what the sources say today?
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const test = require('node:test');
const { pathToFileURL } = require('node:url');
const minnow = require('../../lib/index.js');
const { ROOT, readText } = require('./tree.js');

test('docs/api.md is current: npm run docs', async () => {
  const { render } = await import(pathToFileURL(path.join(ROOT, 'scripts', 'api-docs.mjs')));
  assert.ok(readText('docs/api.md') === render(), 'run: npm run docs');
});

test('the reference has a heading for everything that minnow exports', () => {
  const text = readText('docs/api.md');
  for (const [name, value] of Object.entries(minnow)) {
    const isClass = /^class /.test(Function.prototype.toString.call(value));
    assert.match(text, new RegExp(`^### ${isClass ? `class ${name}\\b` : `${name}\\(\\)$`}`, 'm'));
  }
});

test('every method of a class in the reference says what it does', () => {
  const sections = readText('docs/api.md').split(/^(?=#{2,4} )/m);
  const silent = sections
    .map((section) => ({ head: section.split('\n')[0], parts: section.split('```') }))
    .filter(({ head, parts }) => /^#### \w+\.\w+$/.test(head) && parts[1]?.includes('('))
    .filter(({ head, parts }) => !/constructor$/.test(head) && parts.slice(2).join('').trim() === '');
  assert.deepEqual(silent.map(({ head }) => head), []);
});
