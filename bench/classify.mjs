// How fast is a picture turned into labels, file bytes in, top 5 out, beside sharp + ONNX Runtime?
//
//   node bench/classify.mjs [IMAGE]... [--model FILE.onnx] [--threads 2] [--rounds 20] [--json F]
//
// Without images: those of $MINNOW_TEST_DATA (default ../shared/data), with its MobileNetV2. The
// peer decodes and resizes with sharp (its JPEG shrink-on-load is on) and normalises in JavaScript.
// A ratio of x2 says that the peer takes twice as long.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { MobileNet } from '../lib/index.mjs';
import { alternate, describe } from '../lib/bench/measure.js';
import { missing, peer } from '../lib/bench/peers.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DATA = process.env.MINNOW_TEST_DATA ?? path.join(ROOT, '..', 'shared', 'data');
const SIZE = 224;
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: path.join(DATA, 'models', 'mobilenetv2_1.0_224.onnx') },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});
const threads = Number(values.threads);

function imageFiles() {
  if (positionals.length > 0) return positionals;
  const folder = path.join(DATA, 'images');
  const names = fs.readdirSync(folder).filter((name) => /\.(jpe?g|png)$/i.test(name));
  return names.sort().map((name) => path.join(folder, name));
}

/** The five best of logits, as probabilities. */
function top5(logits) {
  const max = Math.max(...logits);
  const exps = Float64Array.from(logits, (x) => Math.exp(x - max));
  const sum = exps.reduce((a, b) => a + b, 0);
  const order = Array.from(exps.keys()).sort((a, b) => exps[b] - exps[a]);
  return order.slice(0, 5).map((index) => ({ index, probability: exps[index] / sum }));
}

/** The usual way: sharp to pixels, a loop to planes, ONNX Runtime to logits. */
async function usualWay(sharp, ort) {
  sharp.concurrency(threads);
  const session = await ort.InferenceSession.create(values.model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  const [name] = session.inputNames;
  return async (bytes) => {
    const pixels = await sharp(bytes)
      .autoOrient()
      .resize(SIZE, SIZE, { fit: 'fill', kernel: 'linear' })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    const plane = SIZE * SIZE;
    const data = new Float32Array(3 * plane);
    for (let c = 0; c < 3; c++) {
      const scale = 1 / (255 * STD[c]);
      const shift = -MEAN[c] / STD[c];
      for (let i = 0; i < plane; i++) data[c * plane + i] = pixels[i * 3 + c] * scale + shift;
    }
    const input = new ort.Tensor('float32', data, [1, 3, SIZE, SIZE]);
    const results = await session.run({ [name]: input });
    return top5(results[session.outputNames[0]].data);
  };
}

const net = await MobileNet.load(values.model, { threads });
const contenders = [{ name: 'minnow', classify: (bytes) => net.classify(bytes, { topK: 5 }) }];
const sharp = peer('sharp');
const ort = peer('onnxruntime-node');
if (sharp && ort) contenders.push({ name: 'sharp + onnxrt', classify: await usualWay(sharp, ort) });
else console.log(missing(sharp ? 'onnxruntime-node' : 'sharp'));

const report = [];
console.log(`${path.basename(values.model)}, ${threads} thread${threads === 1 ? '' : 's'}`);
for (const file of imageFiles()) {
  const bytes = fs.readFileSync(file);
  const tops = await Promise.all(contenders.map(({ classify }) => classify(bytes)));
  const answers = tops.map(([best]) => best);
  console.log(`${path.basename(file)} (${(bytes.length / 1024).toFixed(0)} KiB): ` +
    answers.map(({ index, probability }) => `${index} ${probability.toFixed(2)}`).join(', '));
  const runs = contenders.map(({ name, classify }) => ({ name, run: () => classify(bytes) }));
  for (const result of await alternate(runs, { rounds: Number(values.rounds) })) {
    console.log(`  ${describe(result)}`);
    report.push({ image: path.basename(file), threads, ...result });
  }
}
net.close();
if (values.json) fs.writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
