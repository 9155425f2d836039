// How long does an action take from the start of its process to its first answer?
//
//   node bench/cold-start.mjs [--rounds 15] [--json FILE]
//
// Each engine in turn: `minnow action` is started, /init and /run are asked as soon as it listens,
// and the process is killed. "answer" is the time from spawn to the answer of that /run, "best" the
// shortest, "next" a second /run right after, "native" when hybrid's native engine had loaded (from
// the action's own metrics); "hybrid 0" is hybrid without a head start of the native engine. The
// files are in the page cache. Without $MINNOW_TEST_DATA (default ../shared/data) only the model
// that comes with minnow.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import shapes from '../models/shapes/draw.js';
import { quantile } from '../lib/bench/measure.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DATA = process.env.MINNOW_TEST_DATA ?? path.join(ROOT, '..', 'shared', 'data');
const CLI = path.join(ROOT, 'lib', 'cli', 'minnow.js');
const ENGINES = {
  native: ['--engine', 'native'],
  wasm: ['--engine', 'wasm'],
  hybrid: ['--engine', 'hybrid'],
  'hybrid 0': ['--engine', 'hybrid', '--head-start', '0'],
};
const POLL_MS = 5;
const PATIENCE_MS = 30_000;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, json: { type: 'string' } },
});

function cases() {
  const drawn = shapes.encodePng(shapes.drawShape({ seed: 1, size: 200 }));
  const found = [{ name: 'shapes (0.9 MB)', args: ['--model', 'shapes'], image: drawn }];
  const photo = path.join(DATA, 'images', 'golden-retriever.jpeg');
  for (const [name, file] of [
    ['MobileNetV2 1.0, ONNX (14 MB)', 'mobilenetv2_1.0_224.onnx'],
    ['MobileNetV2 1.0, frozen graph (14 MB)', 'mobilenet_v2_1.0_224_frozen.pb'],
  ]) {
    const model = path.join(DATA, 'models', file);
    if (!fs.existsSync(model) || !fs.existsSync(photo)) continue;
    found.push({ name, args: ['--model', model], image: fs.readFileSync(photo) });
  }
  return found;
}

/** `minnow action` as a process; resolves with its URL once it listens. */
function start(args) {
  const common = [CLI, 'action', '--host', '127.0.0.1', '--port', '0'];
  const child = spawn(process.execPath, [...common, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the action ended with ${code}`)));
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      const found = /"url":"(http[^"]+)"/.exec(said);
      if (found) resolve(found[1]);
    });
  });
  return { child, url };
}

async function post(url, value) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ value });
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(url, { method: 'POST', headers, body, signal });
  const answer = await response.json();
  if (!response.ok || answer.error) throw new Error(`${url}: ${answer.error}`);
  return answer;
}

/** When the native engine of a hybrid took over, in ms from the start of its process. */
async function nativeReady(url) {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const found = /^minnow_engine_ready_seconds\{engine="native"\} (\S+)$/m.exec(text);
    if (found) return Number(found[1]) * 1000;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function coldStart({ args, image }, engine) {
  const input = { image: image.toString('base64') };
  const begun = performance.now();
  const { child, url: listening } = start([...args, ...ENGINES[engine]]);
  try {
    const url = await listening;
    const listens = performance.now() - begun;
    await post(`${url}/init`, {});
    const { label } = await post(`${url}/run`, input);
    const answer = performance.now() - begun;
    const again = performance.now();
    await post(`${url}/run`, input);
    const next = performance.now() - again;
    const native = engine.startsWith('hybrid') ? await nativeReady(url) : undefined;
    return { label, listens, answer, next, native };
  } finally {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
    listening.catch(() => {});
  }
}

const median = (list) => quantile(list, 0.5);
const COLUMNS = ['listens', 'answer', 'best', 'next', 'native'];
const row = (name, columns, text) =>
  name.padEnd(10) + columns.map((column) => text(column).padStart(8)).join('');
const all = [];
for (const item of cases()) {
  const runs = Object.fromEntries(Object.keys(ENGINES).map((engine) => [engine, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const engine of Object.keys(ENGINES)) runs[engine].push(await coldStart(item, engine));
  }
  const labels = new Set(Object.values(runs).flat().map(({ label }) => label));
  if (labels.size !== 1) throw new Error(`the engines disagree: ${[...labels].join(', ')}`);
  console.log(`\n${item.name}: ms, medians of ${values.rounds}`);
  console.log(row('', COLUMNS, (name) => name));
  for (const engine of Object.keys(ENGINES)) {
    const column = (key) => runs[engine].map((run) => run[key]);
    const result = {
      model: item.name, engine,
      listens: median(column('listens')),
      answer: median(column('answer')),
      best: Math.min(...column('answer')),
      next: median(column('next')),
      native: engine.startsWith('hybrid') ? median(column('native')) : undefined,
    };
    all.push(result);
    console.log(row(engine, COLUMNS, (key) => result[key]?.toFixed(0) ?? ''));
  }
}
if (values.json) fs.writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`);
