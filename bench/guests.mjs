// What does it cost to classify a picture natively, in a guest that asks for wasi-nn, and in a
// guest that carries the engine itself?
//
//   node bench/guests.mjs [--rounds 20] [--svg FILE] [--json FILE]
//
// All of them get the bytes of one JPEG and give the best class, on one thread. The wasi-nn guest
// is a program: its turn is instantiation, reading its files, load (a cached graph), decoding,
// inference, exit. The native network and the pure Wasm guest are warm, and the latter compares the
// model's bytes with the last ones. Without $MINNOW_TEST_DATA (default ../shared/data) the model is
// shapes, on a drawn PNG.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import v8 from 'node:v8';
import { WASI } from 'node:wasi';

import { MobileNet, WasiNN, getPrediction, readGuest } from '../lib/index.mjs';
import shapes from '../models/shapes/draw.js';
import { alternate, describe } from '../lib/bench/measure.js';
import { barChart } from '../lib/bench/chart.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DATA = process.env.MINNOW_TEST_DATA ?? path.join(ROOT, '..', 'shared', 'data');
// Numbers of infer.wasm's set_preprocess.
const KINDS = { tf: 1, imagenet: 2 };
const RUNS = 3;
const SHAPES = path.join(ROOT, 'models', 'shapes');
// What the classes are called does not count here; the program wants a list.
const LABELS = 'labels.txt';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    svg: { type: 'string', default: path.join(ROOT, 'out', 'guests.svg') },
    json: { type: 'string' },
  },
});

function cases() {
  const model = (file) => path.join(DATA, 'models', file);
  const image = path.join(DATA, 'images', 'golden-retriever.jpeg');
  const found = [
    ['MobileNetV2 1.0, frozen graph', 'mobilenet_v2_1.0_224_frozen.pb', 'tf'],
    ['MobileNetV2 1.0, ONNX', 'mobilenetv2_1.0_224.onnx', 'imagenet'],
    ['SqueezeNet 1.1, ONNX', 'squeezenet1_1_synthetic.onnx', 'imagenet'],
  ]
    .map(([name, file, kind]) => ({ name, model: model(file), kind }))
    .filter((item) => fs.existsSync(item.model) && fs.existsSync(image));
  if (found.length > 0) return found.map((item) => ({ ...item, image, size: 224 }));
  const drawn = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-bench-')), 'shape.png');
  fs.writeFileSync(drawn, shapes.encodePng(shapes.drawShape({ seed: 1, size: 400 })));
  const file = path.join(SHAPES, 'shapes.onnx');
  return [{ name: 'shapes, ONNX', model: file, kind: 'tf', image: drawn, size: 96 }];
}

/** A program run that is like any other; throws when it fails. */
function runProgram(module, { model, image, kind, size }, sink) {
  const files = [`model/${path.basename(model)}`, `image/${path.basename(image)}`, LABELS];
  const settings = ['--preprocess', kind, '--size', String(size), '--top', '1'];
  const args = ['classify-nn', ...files, ...settings];
  const preopens = { '.': SHAPES, model: path.dirname(model), image: path.dirname(image) };
  const wasi = new WASI({ version: 'preview1', args, preopens, stdout: sink, returnOnExit: true });
  const nn = new WasiNN({ threads: 1 });
  const imports = { ...wasi.getImportObject(), ...nn.getImportObject() };
  const instance = new WebAssembly.Instance(module, imports);
  const code = nn.start(wasi, instance);
  const reason = nn.lastError;
  nn.close();
  if (code !== 0) throw new Error(`classify-nn exited with ${code}: ${reason}`);
}

async function compare(item, programs, sink) {
  const model = fs.readFileSync(item.model);
  const image = fs.readFileSync(item.image);
  const net = await MobileNet.load(item.model, { threads: 1, preprocess: item.kind });
  // Holds the graph, as another instance of the guest in the process would.
  const holder = new WasiNN({ models: { held: item.model }, threads: 1 });
  const wasi = new WASI({ version: 'preview1' });
  const pure = new WebAssembly.Instance(programs.infer, wasi.getImportObject());
  wasi.start(pure);
  pure.exports.set_preprocess(KINDS[item.kind]);
  const [best] = net.classifySync(image, { topK: 1 });
  const { index } = getPrediction(model, image, pure);
  if (index !== best.index) throw new Error(`infer.wasm says ${index}, minnow ${best.index}`);
  const results = await alternate(
    [
      { name: 'native', run: () => net.classifySync(image, { topK: 1 }) },
      { name: 'wasi-nn guest', run: () => runProgram(programs.classify, item, sink) },
      { name: 'pure Wasm', run: () => getPrediction(model, image, pure) },
    ],
    { rounds: Number(values.rounds), warmup: 2, runs: RUNS },
  );
  net.close();
  holder.close();
  return results;
}

process.removeAllListeners('warning'); // node:wasi calls itself experimental
// Node may collect garbage inside fd_read when V8 calls it the fast way, where it does not see the
// stack (nodejs/node issue 46777): a program run hundreds of times takes the process down.
v8.setFlagsFromString('--no-turbo-fast-api-calls');
const programs = {
  infer: new WebAssembly.Module(readGuest('infer.wasm')),
  classify: new WebAssembly.Module(readGuest('classify-nn.wasm')),
};
const sink = fs.openSync(os.devNull, 'w');
const groups = [];
for (const item of cases()) {
  const results = await compare(item, programs, sink);
  console.log(`\n${item.name}, ${path.basename(item.image)}, one thread`);
  for (const result of results) console.log(`  ${describe(result)}`);
  groups.push({ name: item.name, results });
}
fs.closeSync(sink);

const chart = barChart({
  title: 'One picture, bytes to class, on one thread',
  foot: `milliseconds, median and quartiles; ${os.cpus()[0].model}, Node.js ${process.version}`,
  groups: groups.map(({ name, results }) => ({
    name,
    bars: results.map((result) => ({
      name: result.name,
      value: result.median,
      low: result.low,
      high: result.high,
      note: `ms  ×${result.ratio.toFixed(2)}`,
    })),
  })),
});
fs.mkdirSync(path.dirname(path.resolve(values.svg)), { recursive: true });
fs.writeFileSync(values.svg, chart);
console.log(`\nchart: ${values.svg}`);
if (values.json) fs.writeFileSync(values.json, `${JSON.stringify(groups, null, 2)}\n`);
