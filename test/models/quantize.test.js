// Does quantisation keep the accuracy of whole networks: less than 1 % of the right answers lost, at
// least 97 % the same as the float network's?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MobileNet, quantize } = require('../../lib/index.js');
const { drawNth } = require('../../models/shapes/draw.js');
const { dataFile, skipWithout } = require('../lib/support/data.js');

const PICTURES = 1100;
const V2 = 'models/mobilenet_v2_1.0_224_frozen.pb';

test('the shapes model on 1,000 drawn pictures that it was not calibrated on', async () => {
  function* drawn() {
    for (let i = 0; i < PICTURES; i++) {
      const { data, width, height, channels, label } = drawNth(2024, i, 96);
      yield { image: { data, width, height, channels }, label };
    }
  }
  const { report } = await quantize('shapes', drawn());
  assert.deepEqual([report.calibrated, report.tested], [100, 1000]);
  assert.ok(report.agreement >= 0.97, `${report.agreement}`);
  assert.ok(report.floatTop1 - report.quantizedTop1 < 0.01, `${report.quantizedTop1}`);
});

test('MobileNetV2 on the photographs at hand', { skip: skipWithout(V2, 'images/husky.jpeg') }, async () => {
  const folder = dataFile('images');
  const files = fs.readdirSync(folder).filter((name) => /\.jpe?g$/.test(name));
  const images = files.map((name) => path.join(folder, name));
  const { model, report } = await quantize(dataFile(V2), images);
  assert.equal(report.products, 53);
  assert.ok(report.agreement >= (images.length - 1) / images.length, `${report.agreement}`);
  assert.ok(report.signalToNoiseDb > 18, `${report.signalToNoiseDb}`);
  const net = await MobileNet.load(model, { preprocess: 'tf' });
  const [best] = await net.classify(path.join(folder, 'banana.jpg'), { topK: 1 });
  net.close();
  assert.equal(best.index, 955);
});
