// The demo: what does minnow see in the pictures at hand?
// With the test data present it is a MobileNetV2 on photographs, else the model that comes with
// minnow on freshly drawn shapes. Exit code 1 if something fails.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { MobileNet } = require('./lib/index.js');
const { drawShape, encodePng } = require('./models/shapes/draw.js');

const DATA = process.env.MINNOW_TEST_DATA ?? path.join(__dirname, '..', 'shared', 'data');
const FIRST = ['golden-retriever.jpeg', 'husky.jpeg'];
const SHAPES = 8;

/** The photographs, the two of the first demo first; null without the data. */
function photographs() {
  const model = path.join(DATA, 'models', 'mobilenet_v2_1.0_224_frozen.pb');
  const labels = path.join(DATA, 'models', 'imagenet_labels_1001.txt');
  const folder = path.join(DATA, 'images');
  if (![model, labels, folder].every((file) => fs.existsSync(file))) return null;
  const images = fs.readdirSync(folder).filter((name) => /\.(jpe?g|png)$/i.test(name)).sort();
  const rest = images.filter((name) => !FIRST.includes(name));
  const files = [...FIRST.filter((name) => images.includes(name)), ...rest];
  return { model, options: { labels }, files: files.map((name) => path.join(folder, name)) };
}

/** New pictures, written to `folder` as PNG files that are named after what they show. */
function drawings(folder) {
  const seed = Date.now();
  const files = Array.from({ length: SHAPES }, (_, i) => {
    const image = drawShape({ seed: seed + i, size: 160 });
    const file = path.join(folder, `${i + 1}-${image.label}.png`);
    fs.writeFileSync(file, encodePng(image));
    return file;
  });
  return { model: undefined, options: {}, files };
}

async function predict(net, file) {
  console.log('predicting on file ', path.basename(file));
  const start = performance.now();
  const [best] = await net.classify(file, { topK: 1 });
  console.log('inference time: ', Math.round(performance.now() - start), 'ms');
  console.log('prediction: ', best.label);
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-demo-'));
  try {
    const { model, options, files } = photographs() ?? drawings(folder);
    const net = await MobileNet.load(model, options);
    for (const file of files) {
      try {
        await predict(net, file);
      } catch (error) {
        console.error(`${file}: ${error.code ?? ''} ${error.message}`);
        process.exitCode = 1;
      }
    }
    net.close();
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
