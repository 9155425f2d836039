// Does `minnow quantize` write a network that `minnow classify` takes, and say what it cost?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { drawNth, encodePng } = require('../../../models/shapes/draw.js');
const { cli } = require('../support/child.js');
const { temporaryFolder } = require('../support/pictures.js');

/** Drawn pictures, each in a folder named after its class. */
function drawnFolder(t, count) {
  const folder = temporaryFolder(t);
  for (let i = 0; i < count; i++) {
    const picture = drawNth(3, i, 96);
    fs.mkdirSync(path.join(folder, picture.label), { recursive: true });
    fs.writeFileSync(path.join(folder, picture.label, `${i}.png`), encodePng(picture));
  }
  return folder;
}

test('the file classifies, and the text says how well', async (t) => {
  const folder = drawnFolder(t, 24);
  const out = path.join(temporaryFolder(t), 'int8.onnx');
  const { code, stdout, stderr } = await cli(['quantize', 'shapes', folder, '--labelled', '--out', out]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^calibrated on 12 pictures, tested on 12 other pictures$/m);
  assert.match(stdout, /^ +agreement with float +\d+\.\d\d %$/m);
  assert.match(stdout, /^ +right, quantised +\d+\.\d\d %$/m);
  const picture = fs.readdirSync(folder, { recursive: true }).find((name) => name.endsWith('.png'));
  const args = ['classify', path.join(folder, picture), '--json', '-m', out, '--labels', 'shapes'];
  const answer = JSON.parse((await cli([...args, '--preprocess', 'tf'])).stdout);
  assert.equal(answer.predictions[0].label, path.dirname(picture));
});

test('--json is the report as one object', async (t) => {
  const out = path.join(temporaryFolder(t), 'int8.onnx');
  const { code, stdout } = await cli([
    'quantize', 'shapes', drawnFolder(t, 4), '-o', out, '--json', '--range', 'minmax',
    '--equalize', 'off', '--bias-correction', 'on', '--calibration', '3',
  ]);
  const report = JSON.parse(stdout);
  assert.equal(code, 0);
  assert.equal(report.file, out);
  assert.equal(report.bytes, fs.statSync(out).size);
  assert.deepEqual([report.calibrated, report.tested], [3, 4]);
  assert.deepEqual([report.equalized, report.biasCorrected], [false, true]);
});

test('no pictures, no model and a picture that is none are exit code 1, and nothing is written', async (t) => {
  const folder = temporaryFolder(t);
  const out = path.join(folder, 'int8.onnx');
  fs.writeFileSync(path.join(folder, 'bad.png'), 'no picture');
  for (const args of [
    ['shapes', temporaryFolder(t)], ['no-such-model', drawnFolder(t, 1)], ['shapes', folder],
  ]) {
    const { code, stdout, stderr } = await cli(['quantize', ...args, '--out', out]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^minnow quantize: /);
  }
  assert.ok(!fs.existsSync(out));
});
