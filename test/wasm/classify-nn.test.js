// Does classify-nn.wasm, a guest of wasi-nn, print what the native engine says?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MobileNet, runGuest } = require('../../lib/index.js');
const { dataFile, skipWithout } = require('../lib/support/data.js');
const { png, temporaryFolder } = require('../lib/support/pictures.js');
const { guestBytes } = require('./support/guests.js');

const SHAPES = path.join(__dirname, '..', '..', 'models', 'shapes');
const FOR_SHAPES = ['--size', '96', '--preprocess', 'tf'];
const GUEST = guestBytes('classify-nn.wasm');
const LABELS = 'models/imagenet_labels_1001.txt';
const TOLERANCE = 1e-5;

/** "208 golden retriever 0.9670" as {index, label, probability}. */
function parse(stdout) {
  return stdout.trim().split('\n').map((line) => {
    const [, index, label, probability] = /^(\d+) (.*) (\d\.\d+)$/.exec(line);
    return { index: Number(index), label, probability: Number(probability) };
  });
}

function assertClose(actual, expected) {
  assert.deepEqual(actual.map(({ index, label }) => ({ index, label })),
    expected.map(({ index, label }) => ({ index, label })));
  actual.forEach(({ probability }, i) => {
    assert.ok(Math.abs(probability - expected[i].probability) <= TOLERANCE,
      `${probability} is not ${expected[i].probability}`);
  });
}

/** A folder with a drawn picture and the shapes model. */
function shapesFolder(t) {
  const folder = temporaryFolder(t);
  for (const name of ['shapes.onnx', 'labels.txt']) {
    fs.copyFileSync(path.join(SHAPES, name), path.join(folder, name));
  }
  fs.writeFileSync(path.join(folder, 'picture.png'), png(4, 130));
  return folder;
}

test('classify-nn prints the native top 5 of the shapes model', async (t) => {
  const folder = shapesFolder(t);
  const net = await MobileNet.load('shapes');
  const expected = await net.classify(path.join(folder, 'picture.png'));
  net.close();
  const args = ['shapes.onnx', 'picture.png', 'labels.txt', ...FOR_SHAPES, '--digits', '8'];
  const { exitCode, stdout, stderr } = await runGuest(GUEST, { args, preopens: { '.': folder } });
  assert.equal(stderr, '');
  assert.equal(exitCode, 0);
  assertClose(parse(stdout), expected);
});

test('classify-nn prints four digits unless told otherwise', async (t) => {
  const args = ['shapes.onnx', 'picture.png', 'labels.txt', ...FOR_SHAPES, '--top', '1'];
  const { stdout } = await runGuest(GUEST, { args, preopens: { '.': shapesFolder(t) } });
  assert.match(stdout, /^\d+ \w+ 0\.\d{4}\n$/);
});

for (const [model, encoding] of [
  ['mobilenet_v2_1.0_224_frozen.pb', 'tensorflow'],
  ['mobilenet_v2_1.0_224_frozen.pb', 'autodetect'],
  ['mobilenetv2_1.0_224.onnx', 'onnx'],
  ['mobilenetv2_1.0_224.onnx', 'autodetect'],
]) {
  const image = 'images/golden-retriever.jpeg';
  const skip = skipWithout(`models/${model}`, LABELS, image);
  test(`classify-nn gives the native top 5 of ${model}, encoding ${encoding}`, { skip }, async () => {
    const net = await MobileNet.load(dataFile('models', model), { labels: dataFile(LABELS) });
    const expected = await net.classify(dataFile(image));
    net.close();
    const args = [`models/${model}`, image, LABELS, '--encoding', encoding, '--digits', '8'];
    const options = { args, preopens: { '.': dataFile() } };
    const { exitCode, stdout, stderr } = await runGuest(GUEST, options);
    assert.equal(stderr, '');
    assert.equal(exitCode, 0);
    assertClose(parse(stdout), expected);
  });
}

test('classify-nn says what is wrong with its arguments, exit code 2', async () => {
  for (const [args, pattern] of [
    [['a', 'b'], /three files/],
    [['a', 'b', 'c', '--top', '0'], /--top is a number from 1 to/],
    [['a', 'b', 'c', '--encoding', 'x'], /--encoding is onnx/],
    [['a', 'b', 'c', '--what', 'x'], /no option --what/],
  ]) {
    const { exitCode, stdout, stderr } = await runGuest(GUEST, { args });
    assert.equal(exitCode, 2);
    assert.equal(stdout, '');
    assert.match(stderr, pattern);
    assert.match(stderr, /usage: classify-nn/);
  }
});

test('classify-nn says which file or call failed, exit code 1', async (t) => {
  const folder = shapesFolder(t);
  const run = (args) => runGuest(GUEST, { args: [...args, ...FOR_SHAPES], preopens: { '.': folder } });
  for (const [args, pattern] of [
    [['shapes.onnx', 'none.png', 'labels.txt'], /cannot open none\.png/],
    [['shapes.onnx', 'labels.txt', 'labels.txt'], /neither JPEG nor PNG/],
    [['labels.txt', 'picture.png', 'labels.txt'], /wasi-nn load: \w+ \(\d\)/],
  ]) {
    const { exitCode, stderr } = await run(args);
    assert.equal(exitCode, 1);
    assert.match(stderr, pattern);
  }
});

test('a damaged picture ends classify-nn with ERR_GUEST_TRAP', async (t) => {
  const folder = shapesFolder(t);
  const file = path.join(folder, 'picture.png');
  fs.truncateSync(file, fs.statSync(file).size >> 1);
  const args = ['shapes.onnx', 'picture.png', 'labels.txt', ...FOR_SHAPES];
  await assert.rejects(runGuest(GUEST, { args, preopens: { '.': folder } }), { code: 'ERR_GUEST_TRAP' });
});
