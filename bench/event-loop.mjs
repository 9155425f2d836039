// How long does the event loop wait while pictures are classified?
//
//   node bench/event-loop.mjs [--model MODEL] [--image FILE] [--jobs 8] [--seconds 5] [--json]
//
// Keeps `jobs` asynchronous classifications in flight and prints what monitorEventLoopDelay saw, in
// milliseconds, beside an idle loop and beside the synchronous call. Default: the shapes model on a
// drawn picture of 1024 x 1024.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import fs from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { MobileNet } from '../lib/index.mjs';
import draw from '../models/shapes/draw.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    image: { type: 'string' },
    jobs: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const jobs = Number(values.jobs);
const ms = 1000 * Number(values.seconds);
const image = values.image
  ? fs.readFileSync(values.image)
  : draw.encodePng(draw.drawShape({ seed: 1, size: 1024 }));
const net = await MobileNet.load(values.model);

/** The delays while `work` runs; monitorEventLoopDelay counts from its resolution of 1 ms. */
async function measure(name, work) {
  const monitor = monitorEventLoopDelay({ resolution: 1 });
  monitor.enable();
  const count = await work(performance.now() + ms);
  monitor.disable();
  const milliseconds = (ns) => Number((ns / 1e6).toFixed(2));
  return {
    name,
    classifications: count,
    p50: milliseconds(monitor.percentile(50)),
    p99: milliseconds(monitor.percentile(99)),
    max: milliseconds(monitor.max),
  };
}

async function asynchronous(deadline) {
  let count = 0;
  const lane = async () => {
    while (performance.now() < deadline) {
      await net.classify(image);
      count++;
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  return count;
}

async function synchronous(deadline) {
  let count = 0;
  while (performance.now() < deadline) {
    net.classifySync(image);
    count++;
    await nextTurn();
  }
  return count;
}

await net.classify(image);
const results = [
  await measure('idle', () => sleep(ms, 0)),
  await measure(`${jobs} x classify`, asynchronous),
  await measure('classifySync', synchronous),
];
for (const result of results) {
  const { name, classifications, p50, p99, max } = result;
  console.log(
    values.json
      ? JSON.stringify(result)
      : `${name.padEnd(14)} ${String(classifications).padStart(6)} done   delay p50 ${p50} ms   p99 ${p99} ms   max ${max} ms`,
  );
}
