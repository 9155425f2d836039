// Do broken copies of real model files fail with a MinnowError, in bounded memory, and nothing else?
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const test = require('node:test');
const { node } = require('../lib/support/child.js');
const { dataFile, skipWithout } = require('../lib/support/data.js');

const PROGRAM = path.join(__dirname, 'support', 'broken-copies.js');
const SHAPES = path.join(__dirname, '..', '..', 'models', 'shapes', 'shapes.onnx');
const FILES = [
  ['shapes.onnx', [SHAPES], false],
  ...[
    ['mobilenet_v2_1.0_224_frozen.pb'],
    ['mobilenetv2_1.0_224_qdq.onnx'],
    ['mobilenet_v1_0.25_128_quant.tflite'],
    ['mobilenet_v2_1.0_224.xml', 'mobilenet_v2_1.0_224.bin'],
    ['mobilenet_v3_small_synthetic_scripted.pt'],
  ].map((names) => {
    const files = names.map((name) => `models/${name}`);
    return [names[0], files.map((file) => dataFile(file)), skipWithout(...files)];
  }),
];
const CODES = ['ERR_INVALID_MODEL', 'ERR_UNSUPPORTED', 'ERR_OUT_OF_MEMORY'];
const MAX_RESIDENT_BYTES = 2 ** 30;
const HANG_MS = 300_000;

for (const [name, files, skip] of FILES) {
  test(`${name}, cut or changed, loads or fails with a code`, { skip, timeout: HANG_MS }, async () => {
    const { code, stdout, stderr } = await node([PROGRAM, ...files]);
    assert.equal(code, 0, stderr);
    const { outcomes, resident } = JSON.parse(stdout);
    for (const [what, outcome] of outcomes) {
      const allowed = what.startsWith('cut') ? CODES : ['loaded', ...CODES];
      assert.ok(allowed.includes(outcome), `${what}: ${outcome}`);
    }
    assert.ok(resident < MAX_RESIDENT_BYTES, `${resident} bytes`);
  });
}
