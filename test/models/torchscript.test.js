// Does a TorchScript file load from every kind of source, and classify with ImageNet's pixels?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MobileNet, Model, WasiNN } = require('../../lib/index.js');
const { dataFile, skipWithout } = require('../lib/support/data.js');
const { temporaryFolder } = require('../lib/support/pictures.js');
const { ENCODING, Guest } = require('../wasm/support/guest.js');
const { archive, zip } = require('./support/torchscript.js');

const SIDE = 224;
const bytes = archive();
const feed = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => 1 + Math.floor(i / (SIDE * SIDE)));
const WANTED = Float32Array.of(1, 4, 12);

function write(t) {
  const file = path.join(temporaryFolder(t), 'means.pt');
  fs.writeFileSync(file, bytes);
  return file;
}

test('a path and bytes load the same network, the batch open', async (t) => {
  const file = write(t);
  for (const source of [file, bytes]) {
    for (const model of [await Model.load(source), Model.loadSync(source, { format: 'pytorch' })]) {
      assert.equal(model.format, 'pytorch');
      assert.deepEqual({ ...model.inputs[0] }, { name: 'x', dtype: 'f32', shape: [-1, 3, SIDE, SIDE], layout: '' });
      const two = { data: new Float32Array(2 * feed.length), shape: [2, 3, SIDE, SIDE] };
      two.data.set(feed);
      two.data.set(feed, feed.length);
      assert.deepEqual(model.runSync({ x: feed }).output.data, WANTED);
      assert.deepEqual(model.runSync({ x: two }).output.data, Float32Array.of(...WANTED, ...WANTED));
      model.close();
    }
  }
});

test('what is not supported is named by its line and expression', async () => {
  await assert.rejects(Model.load(archive('y = torch.relu(x)\nreturn torch.fft_fft(y)')), {
    name: 'MinnowError',
    code: 'ERR_UNSUPPORTED',
    message: 'load: pytorch: code/__torch__.py:5: "torch.fft_fft(y)": the operator is not supported',
  });
});

test('weights alone, cut files and endless programs are refused with a code', async () => {
  const refused = (source, code, message) => assert.rejects(Model.load(source), { name: 'MinnowError', code, message });
  await refused(zip({ 'net/data.pkl': '\x80\x02}.' }), 'ERR_UNSUPPORTED', /weights without a program/);
  await refused(zip({ 'readme.txt': 'text' }), 'ERR_INVALID_MODEL', /without data\.pkl/);
  for (const size of [4, 100, bytes.length - 1]) await refused(bytes.subarray(0, size), 'ERR_INVALID_MODEL', /pytorch/);
  await refused(archive('while True:\n  pass\nreturn x'), 'ERR_OUT_OF_MEMORY', /steps/);
});

test('a guest loads it by encoding 3, and whatever the encoding says', () => {
  const guest = new Guest();
  for (const encoding of [3, ENCODING.autodetect, ENCODING.onnx]) {
    const [code, graph] = guest.load([bytes], encoding);
    assert.equal(code, 0, guest.nn.lastError);
    const [, context] = guest.init(graph);
    assert.deepEqual(guest.infer(context, [1, 3, SIDE, SIDE], feed, 3), WANTED);
  }
  const nn = new WasiNN({ models: { means: bytes } });
  assert.equal(nn.describe('means').format, 'pytorch');
  nn.close();
});

const MODEL = 'models/mobilenet_v2_1.0_224.pt';
const LABELS = 'models/imagenet_labels_1001.txt';
const PHOTO = 'images/golden-retriever.jpeg';
test('the traced MobileNetV2 sees a golden retriever', { skip: skipWithout(MODEL, LABELS, PHOTO) }, async () => {
  const net = await MobileNet.load(dataFile(MODEL), { labels: dataFile(LABELS) });
  assert.equal(net.preprocess.name, 'imagenet');
  const [best] = await net.classify(dataFile(PHOTO));
  assert.equal(best.label, 'golden retriever');
  assert.ok(Math.abs(best.probability - 0.97) < 0.05, `${best.probability}`);
  net.close();
});
