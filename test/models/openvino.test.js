// Does a network in OpenVINO IR load from every kind of source, and classify with its own pixels?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MinnowError, MobileNet, Model, WasiNN } = require('../../lib/index.js');
const { dataFile, skipWithout } = require('../lib/support/data.js');
const { temporaryFolder } = require('../lib/support/pictures.js');
const { ENCODING, Guest } = require('../wasm/support/guest.js');
const { channelMeans } = require('./support/ir.js');

const { xml, bin } = channelMeans();
const SIZE = 8 * 8;

/** The files in a folder of their own. */
function write(t) {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'means.xml');
  fs.writeFileSync(file, xml);
  fs.writeFileSync(path.join(folder, 'means.bin'), bin);
  return file;
}

const feed = Float32Array.from({ length: 3 * SIZE }, (_, i) => 1 + Math.floor(i / SIZE));
const WANTED = Float32Array.of(2, 4, 6);

test('a path, a pair of paths and a pair of buffers load the same network', async (t) => {
  const file = write(t);
  const weights = file.replace(/xml$/, 'bin');
  for (const source of [file, [file, weights], [xml, bin], [xml, weights]]) {
    for (const model of [await Model.load(source), Model.loadSync(source)]) {
      assert.equal(model.format, 'openvino');
      assert.deepEqual(model.inputs[0].shape, [-1, 3, 8, 8]);
      assert.deepEqual(model.runSync({ pixels: feed }).scores.data, WANTED);
      model.close();
    }
  }
});

test('one file of two, and files in the wrong order, are refused with a code', async () => {
  await assert.rejects(Model.load(xml), {
    name: 'MinnowError', code: 'ERR_INVALID_ARGUMENT', message: /openvino.*2 files, 1 were given/,
  });
  await assert.rejects(Model.load([bin, xml]), { code: 'ERR_INVALID_MODEL' });
  await assert.rejects(Model.load([xml, bin.subarray(1)]), { code: 'ERR_INVALID_MODEL' });
  assert.throws(() => Model.loadSync([Buffer.from('<net version="11"/>'), bin]), MinnowError);
});

test('pixels go in as they are, blue first', (t) => {
  const net = MobileNet.loadSync(write(t));
  assert.deepEqual([net.preprocess.order, net.preprocess.scale], ['bgr', 1]);
  assert.equal(net.preprocess.source, 'format default');
  const red = { data: Uint8Array.from({ length: 3 * SIZE }, (_, i) => (i % 3 === 0 ? 255 : 0)), width: 8, height: 8 };
  assert.equal(net.classifySync(red)[0].index, 2, 'red is the last channel');
  net.close();
});

test('a guest loads it by its two builders, whatever the encoding says', () => {
  const guest = new Guest();
  for (const encoding of [ENCODING.openvino, ENCODING.autodetect]) {
    const [code, graph] = guest.load([xml, bin], encoding);
    assert.equal(code, 0, guest.nn.lastError);
    const [, context] = guest.init(graph);
    assert.deepEqual(guest.infer(context, [1, 3, 8, 8], feed, 3), WANTED);
  }
  assert.notEqual(guest.load([xml], ENCODING.autodetect)[0], 0);
  assert.notEqual(guest.load([bin, xml], ENCODING.openvino)[0], 0);
});

test('a model of WasiNN may be the .xml', (t) => {
  const nn = new WasiNN({ models: { means: write(t) } });
  assert.equal(nn.describe('means').format, 'openvino');
  nn.close();
});

const IR = 'models/mobilenet_v2_1.0_224.xml';
const LABELS = 'models/imagenet_labels_1001.txt';
const PHOTO = 'images/golden-retriever.jpeg';
test('the converted MobileNetV2 sees a golden retriever', { skip: skipWithout(IR, LABELS, PHOTO) }, async () => {
  const net = await MobileNet.load(dataFile(IR), { labels: dataFile(LABELS) });
  const [best] = await net.classify(dataFile(PHOTO));
  assert.equal(best.label, 'golden retriever');
  assert.ok(Math.abs(best.probability - 0.97) < 0.05, `${best.probability}`);
  net.close();
});
