// The demo: what does minnow see in the pictures at hand?
// With the test data present it is a MobileNetV2 on photographs, else the model that comes with
// minnow on freshly drawn shapes. Each picture is classified three times: natively, by a program in
// Wasm that asks for wasi-nn (its time is from start to exit, with three inferences), and by the
// engine compiled to Wasm.
// Exit code 1 if something fails.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { MobileNet, getPrediction, readGuest, runGuest } = require('./lib/index.js');
const { drawShape, encodePng } = require('./models/shapes/draw.js');

const DATA = process.env.MINNOW_TEST_DATA ?? path.join(__dirname, '..', 'shared', 'data');
const FIRST = ['golden-retriever.jpeg', 'husky.jpeg'];
const SHAPES = 8;
const SHAPES_MODEL = path.join(__dirname, 'models', 'shapes');
const BY_FORMAT = 0; // numbers of infer.wasm's set_preprocess
const TF = 1;

/** The photographs, the two of the first demo first; null without the data. */
function photographs() {
  const model = path.join(DATA, 'models', 'mobilenet_v2_1.0_224_frozen.pb');
  const labels = path.join(DATA, 'models', 'imagenet_labels_1001.txt');
  const folder = path.join(DATA, 'images');
  if (![model, labels, folder].every((file) => fs.existsSync(file))) return null;
  const images = fs.readdirSync(folder).filter((name) => /\.(jpe?g|png)$/i.test(name)).sort();
  const rest = images.filter((name) => !FIRST.includes(name));
  const files = [...FIRST.filter((name) => images.includes(name)), ...rest];
  const guest = { model, labels, args: [], preprocess: BY_FORMAT };
  return { model, options: { labels }, guest, files: files.map((name) => path.join(folder, name)) };
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
  const guest = {
    model: path.join(SHAPES_MODEL, 'shapes.onnx'),
    labels: path.join(SHAPES_MODEL, 'labels.txt'),
    args: ['--size', '96', '--preprocess', 'tf'],
    preprocess: TF,
  };
  return { model: undefined, options: {}, guest, files };
}

/** The engine in Wasm: a function from a file to its label. Its first call compiles the network. */
function pureWasm({ model, labels, preprocess }) {
  const { emitWarning } = process;
  process.emitWarning = () => {}; // node:wasi says that it is experimental
  const { WASI } = require('node:wasi');
  process.emitWarning = emitWarning;
  const wasi = new WASI({ version: 'preview1' });
  const compiled = new WebAssembly.Module(readGuest('infer.wasm'));
  const instance = new WebAssembly.Instance(compiled, wasi.getImportObject());
  wasi.start(instance);
  instance.exports.set_preprocess(preprocess);
  const bytes = fs.readFileSync(model);
  return (file) => getPrediction(bytes, fs.readFileSync(file), instance, labels);
}

/** The wasi-nn guest: a function from a file to its label, and what its inferences take. */
function wasiNnGuest({ model, labels, args }) {
  const guest = readGuest('classify-nn.wasm');
  const inside = (folder, file) => `${folder}/${path.basename(file)}`;
  return async (file) => {
    const { exitCode, stdout, stderr } = await runGuest(guest, {
      args: [
        inside('model', model), inside('image', file), inside('labels', labels), ...args,
        '--top', '1', '--repeat', '3',
      ],
      preopens: {
        model: path.dirname(model), image: path.dirname(file), labels: path.dirname(labels),
      },
    });
    if (exitCode !== 0) throw new Error(stderr.trim());
    const [, label] = /^\d+ (.*) [\d.]+\n$/.exec(stdout);
    return `${label}; set_input, compute, get_output: ${stderr.trim()}`;
  };
}

async function timed(name, classify) {
  const start = performance.now();
  const label = await classify();
  console.log(name.padEnd(15), Math.round(performance.now() - start), 'ms ', label);
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
    const { model, options, guest, files } = photographs() ?? drawings(folder);
    const net = await MobileNet.load(model, options);
    const ask = wasiNnGuest(guest);
    const infer = pureWasm(guest);
    infer(files[0]);
    for (const file of files) {
      try {
        await predict(net, file);
        await timed('wasi-nn guest:', () => ask(file));
        await timed('pure Wasm:', () => infer(file));
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
