// What does wasi-nn cost a guest: an inference beside Model.runSync, and a second load of a model?
//
//   node bench/wasi-nn.mjs [MODEL] [--threads 1,2] [--rounds 60] [--json FILE]
//
// The guest is WebAssembly with the input in its memory; its turn is set_input, compute and
// get_output. Native is runSync on a Float32Array. Ratios are of the same round. MODEL defaults to
// mobilenet_v2_1.0_224_frozen.pb in $MINNOW_TEST_DATA (default ../shared/data), else to shapes.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Model } from '../lib/index.mjs';
import { alternate, describe, quantile } from '../lib/bench/measure.js';

const { ENCODING, Guest } = createRequire(import.meta.url)('../test/wasm/support/guest.js');

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INPUTS = 4;
const LOADS = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '60' },
    json: { type: 'string' },
  },
});

function modelFile() {
  if (positionals.length > 0) return positionals[0];
  const data = process.env.MINNOW_TEST_DATA ?? path.join(ROOT, '..', 'shared', 'data');
  const file = path.join(data, 'models', 'mobilenet_v2_1.0_224_frozen.pb');
  return fs.existsSync(file) ? file : path.join(ROOT, 'models', 'shapes', 'shapes.onnx');
}

function must(code, guest) {
  if (code !== 0) throw new Error(guest.nn.lastError);
}

function time(action) {
  const start = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function inputsOf(length) {
  return Array.from({ length: INPUTS }, (_, seed) =>
    Float32Array.from({ length }, (__, i) => Math.sin(i * 0.37 + seed)),
  );
}

async function compare(bytes, threads) {
  const model = await Model.load(bytes, { threads });
  const [{ name, shape }] = model.inputs;
  const dims = shape.map((dim) => (dim < 0 ? 1 : dim));
  const inputs = inputsOf(dims.reduce((product, dim) => product * dim, 1));
  const [{ data: wanted }] = Object.values(model.runSync({ [name]: inputs[0] }));

  const guest = new Guest({ threads });
  must(guest.load([bytes], ENCODING.autodetect)[0], guest);
  must(guest.init(0)[0], guest);
  const tensors = inputs.map((data) => guest.putTensor(dims, 1, data));
  const buffer = guest.alloc(wanted.byteLength);
  const written = guest.alloc(4);
  const { exports } = guest;
  const infer = (count) => {
    must(exports.set_input(0, 0, tensors[count % INPUTS]), guest);
    must(exports.compute(0), guest);
    must(exports.get_output(0, 0, buffer, wanted.byteLength, written), guest);
  };
  infer(0);
  const given = new Float32Array(guest.memory.buffer, buffer, wanted.length);
  if (!wanted.every((value, i) => value === given[i])) throw new Error('the results differ');

  const results = await alternate(
    [
      { name: 'native runSync', run: (count) => model.runSync({ [name]: inputs[count % INPUTS] }) },
      { name: 'wasi-nn guest', run: infer },
    ],
    { rounds: Number(values.rounds) },
  );
  model.close();
  guest.nn.close();
  return results;
}

/** Milliseconds of a first load, and of further ones in another instance while it lives. */
function measureLoads(bytes) {
  const [first, second] = [new Guest(), new Guest()];
  const [one, two] = [first, second].map((guest) => {
    const builders = guest.putU32s(guest.put(bytes), bytes.length);
    const out = guest.alloc(4);
    return () => must(guest.exports.load(builders, 1, ENCODING.autodetect, 0, out), guest);
  });
  const cold = time(one);
  const warm = Array.from({ length: LOADS }, (_, i) => {
    const ms = time(two);
    must(second.exports.unload(i), second);
    return ms;
  });
  first.nn.close();
  second.nn.close();
  const [low, median, high] = [0.25, 0.5, 0.75].map((q) => quantile(warm, q));
  return { first: cold, second: median, low, high };
}

const file = modelFile();
const bytes = fs.readFileSync(file);
const report = { model: path.basename(file), bytes: bytes.length, inference: [], load: null };
console.log(`${report.model}, ${(bytes.length / 1e6).toFixed(1)} MB`);
report.load = measureLoads(bytes);
const { first, second, low, high } = report.load;
console.log(`  first load ${first.toFixed(1)} ms, a second one ${second.toFixed(2)} ms ` +
  `(${low.toFixed(2)}..${high.toFixed(2)})`);
for (const threads of values.threads.split(',').map(Number)) {
  console.log(`  ${threads} thread${threads === 1 ? '' : 's'}`);
  for (const result of await compare(bytes, threads)) {
    console.log(`    ${describe(result)}`);
    report.inference.push({ threads, ...result });
  }
}
if (values.json) fs.writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
