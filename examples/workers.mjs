// worker_threads: every worker has a network of its own; the native threads are shared. Mostly a
// worker is not needed: classify() never blocks the event loop.
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import { MobileNet } from 'minnow';

if (isMainThread) {
  const files = process.argv.slice(2);
  const workers = [0, 1].map((which) => new Worker(fileURLToPath(import.meta.url), {
    workerData: files.filter((_, i) => i % 2 === which),
  }));
  for (const worker of workers) worker.on('message', ({ file, label }) => console.log(file, label));
} else {
  const net = await MobileNet.load('shapes', { threads: 1 });
  for (const file of workerData) {
    const [best] = net.classifySync(file, { topK: 1 });
    parentPort.postMessage({ file, label: best.label });
  }
  net.close();
}
