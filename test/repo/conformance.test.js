// Is docs/conformance.md what the importers' tables and the scores say today?
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const test = require('node:test');
const { pathToFileURL } = require('node:url');
const { ROOT, readText } = require('./tree.js');

const script = import(pathToFileURL(path.join(ROOT, 'scripts', 'conformance-docs.mjs')));
const listed = readText('test/conformance/onnx-node.txt').trim().split('\n');
const scores = readText('test/conformance/onnx-operators.txt').trim().split('\n');

test('docs/conformance.md is current: npm run docs', async () => {
  assert.ok(readText('docs/conformance.md') === (await script).render(), 'run: npm run docs');
});

test('every importer has a table that the page finds', async () => {
  const { operatorsOf } = await script;
  for (const format of ['onnx', 'tensorflow', 'tflite', 'openvino', 'torchscript']) {
    assert.ok(operatorsOf(format).length > 50, format);
  }
  assert.ok(operatorsOf('tflite').includes('CONV_2D'));
  assert.ok(!operatorsOf('tflite').some((name) => /^\d+$/.test(name)), 'a code without a name');
});

test('the scores are those of the names that are listed', () => {
  const passed = (suite) => listed.filter((name) => name.startsWith(`${suite}/`)).length;
  const sums = { operators: [0, 0] };
  for (const line of scores) {
    const [, name, right, all] = /^(\S+) (\d+)\/(\d+)$/.exec(line);
    if (name.startsWith('suite:')) {
      sums[name] = [Number(right), Number(all)];
      assert.equal(Number(right), passed(name.slice(6)), name);
    } else {
      sums.operators = sums.operators.map((sum, i) => sum + Number([right, all][i]));
    }
  }
  assert.deepEqual(sums.operators, sums['suite:node']);
});

test('at least 85 % of all node tests pass', () => {
  const [, right, all] = /^suite:node (\d+)\/(\d+)$/m.exec(scores.join('\n'));
  assert.ok(right / all >= 0.85, `${right} of ${all}`);
});
