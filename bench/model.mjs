// How fast are whole networks, tensor in, tensor out, beside ONNX Runtime (native and Web),
// TensorFlow.js, and oneDNN, libtorch and OpenCV where `npm run bench:native` has built them?
//
//   node bench/model.mjs [MODEL]... [--threads 1,2] [--rounds 40]
//     [--json F] [--markdown F] [--svg F]
//
// Without models: the float ONNX files, and the quantised one, in $MINNOW_TEST_DATA (default
// ../shared/data). A ratio of x1.5 says that the peer takes one and a half times as long. The two
// peers in WebAssembly run on one thread. minnow runs by runSync, the others as their interfaces
// have it.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { alternate } from '../lib/bench/measure.js';
import { networkContenders } from '../lib/bench/networks.js';
import { missing, peer } from '../lib/bench/peers.js';
import { modelFiles, threadsText } from './support/data.mjs';
import { nativePeer } from './support/native-peers.mjs';
import { RESULT_OPTIONS, textOf, writeResults } from './support/results.mjs';
import { tfjsMobileNetV2 } from './support/tfjs.mjs';

const DEFAULT_MODELS = [
  'mobilenetv2_1.0_224.onnx',
  'mobilenetv2_1.0_224_qdq.onnx',
  'mobilenet_v3_small_synthetic.onnx',
  'squeezenet1_1_synthetic.onnx',
];

/** Who else can run the network of this file, by another file of it or as primitives. */
async function furtherPeers(file, threads) {
  const on = String(threads);
  if (/mobilenetv2_1\.0_224_qdq\.onnx$/.test(file)) {
    return [await nativePeer('oneDNN primitives', 'onednn', ['int8', on])];
  }
  if (!/mobilenetv2_1\.0_224\.onnx$/.test(file)) return [];
  const [torchScript, frozen] = ['mobilenet_v2_1.0_224.pt', 'mobilenet_v2_1.0_224_frozen.pb']
    .map((name) => modelFiles([name])[0]);
  return [
    await nativePeer('oneDNN primitives', 'onednn', ['f32', on]),
    torchScript ? await nativePeer('libtorch', 'libtorch', [torchScript, on]) : null,
    frozen ? await nativePeer('OpenCV dnn', 'opencv', [frozen, on]) : null,
    threads === 1 ? await tfjsMobileNetV2() : null,
  ];
}

async function compare(file, threads, rounds) {
  const contenders = await networkContenders(file, { threads });
  for (const other of await furtherPeers(file, threads)) {
    if (other !== null) contenders.push(other);
  }
  const rows = await alternate(contenders, { rounds });
  for (const { close } of contenders) await close();
  return { name: `${path.basename(file)}, ${threadsText(threads)}`, model: file, threads, rows };
}

/**
 * @param {{files?: string[], threads?: number[], rounds?: number}} [options]
 * @returns {Promise<object>} a section of results
 */
export async function benchNetworks({ files, threads = [1, 2], rounds = 40 } = {}) {
  if (!peer('onnxruntime-node')) console.log(missing('onnxruntime-node'));
  const groups = [];
  for (const file of files ?? modelFiles(DEFAULT_MODELS)) {
    for (const count of threads) groups.push(await compare(file, count, rounds));
  }
  return { name: 'Whole networks', unit: 'ms a run', note: 'tensor in, tensor out', groups };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...RESULT_OPTIONS,
      threads: { type: 'string', default: '1,2' },
      rounds: { type: 'string', default: '40' },
    },
  });
  const section = await benchNetworks({
    files: positionals.length > 0 ? positionals : undefined,
    threads: values.threads.split(',').map(Number),
    rounds: Number(values.rounds),
  });
  console.log(textOf(section));
  writeResults([section], values);
}
