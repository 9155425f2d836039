// How fast are whole networks, tensor in, tensor out, beside ONNX Runtime?
//
//   node bench/model.mjs [MODEL.onnx]... [--threads 1,2] [--rounds 40] [--json FILE]
//
// Without models: the float ONNX files in $MINNOW_TEST_DATA (default ../shared/data). A ratio of
// x1.5 says that the peer takes one and a half times as long.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Model } from '../lib/index.mjs';
import { alternate, describe } from '../lib/bench/measure.js';
import { missing, peer } from '../lib/bench/peers.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DEFAULT_MODELS = [
  'mobilenetv2_1.0_224.onnx',
  'mobilenet_v3_small_synthetic.onnx',
  'squeezenet1_1_synthetic.onnx',
];
// Inputs are rotated, so that no contender profits from the last one still being in a cache.
const INPUTS = 4;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '40' },
    json: { type: 'string' },
  },
});

function modelFiles() {
  if (positionals.length > 0) return positionals;
  const data = process.env.MINNOW_TEST_DATA ?? path.join(ROOT, '..', 'shared', 'data');
  return DEFAULT_MODELS.map((name) => path.join(data, 'models', name)).filter(fs.existsSync);
}

/** Floats of a normal-like distribution, the same in every run. */
function makeInput(length, seed) {
  const data = new Float32Array(length);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let j = 0; j < 3; j++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 31 - 1;
    }
    data[i] = sum;
  }
  return data;
}

async function compare(file, threads, ort) {
  const model = await Model.load(file, { threads });
  const [{ name, shape }] = model.inputs;
  const dims = shape.map((dim) => (dim < 0 ? 1 : dim));
  const length = dims.reduce((product, dim) => product * dim, 1);
  const inputs = Array.from({ length: INPUTS }, (_, i) => makeInput(length, i + 1));
  const contenders = [
    { name: 'minnow', run: (count) => model.runSync({ [name]: inputs[count % INPUTS] }) },
  ];
  let session = null;
  if (ort) {
    session = await ort.InferenceSession.create(file, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
    });
    const feeds = inputs.map((data) => ({ [name]: new ort.Tensor('float32', data, dims) }));
    const run = (count) => session.run(feeds[count % INPUTS]);
    contenders.push({ name: 'onnxruntime-node', run });
  }
  const results = await alternate(contenders, { rounds: Number(values.rounds) });
  model.close();
  await session?.release();
  return results;
}

const ort = peer('onnxruntime-node');
if (!ort) console.log(missing('onnxruntime-node'));
const report = [];
for (const file of modelFiles()) {
  for (const threads of values.threads.split(',').map(Number)) {
    console.log(`${path.basename(file)}, ${threads} thread${threads === 1 ? '' : 's'}`);
    for (const result of await compare(file, threads, ort)) {
      console.log(`  ${describe(result)}`);
      report.push({ model: path.basename(file), threads, ...result });
    }
  }
}
if (values.json) fs.writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
