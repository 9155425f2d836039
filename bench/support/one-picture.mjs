// A process for bench/process.mjs: classifies one picture, prints its peak memory in KiB, and ends.
// The peak is of this program (VmHWM): getrusage's is that of the parent where that is larger.
//   node one-picture.mjs empty|minnow…|"sharp + onnxruntime-node" MODEL IMAGE [CACHE]
// CACHE: a folder of prepacked models for minnow; '': none.
import fs from 'node:fs';

const [who, model, image, cache] = process.argv.slice(2);
if (who.startsWith('minnow')) {
  const { MobileNet } = await import('../../lib/index.mjs');
  const net = await MobileNet.load(model, { cache: cache || false });
  await net.classify(image);
  net.close();
} else if (who !== 'empty') {
  const { peer } = await import('../../lib/bench/peers.js');
  const { usualWay } = await import('./usual-way.mjs');
  const packages = { sharp: peer('sharp'), ort: peer('onnxruntime-node') };
  // 0: sharp and ONNX Runtime take what they take by default.
  const { classify } = await usualWay(packages, { model, threads: 0 });
  await classify(fs.readFileSync(image));
}
const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'));
process.stdout.write(peak);
