// Does the server hold under a crowd: what is answered, how fast, and does memory stay?
//   node bench/server.mjs [--clients 200] [--seconds 60] [--queue 64] [--model shapes]
//     [--image FILE] [--json]
// A `minnow serve` process and clients on keep-alive connections in this one. SIGTERM comes while
// the clients go on: a request that was accepted and got no answer counts as lost.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const { drawShape, encodePng } = require('../models/shapes/draw.js');
const cli = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'lib', 'cli', 'minnow.js');

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    queue: { type: 'string', default: '64' },
    model: { type: 'string', default: 'shapes' },
    image: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const clients = Number(values.clients);
const seconds = Number(values.seconds);
const image = values.image ? readFileSync(values.image) : encodePng(drawShape({ seed: 1 }));

function start() {
  const args = [cli, 'serve', '--port', '0', '--model', values.model, '--queue', values.queue];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const seen = { requests: 0 };
  let rest = '';
  const url = new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const found = /"url":"(http[^"]+)".*"msg":"serving"/.exec(line);
        if (found) resolve(found[1]);
        if (line.includes('"route":"/"') && line.includes('"msg":"request"')) seen.requests++;
      }
    });
  });
  return { child, url, seen };
}

function ask(url, agent) {
  return new Promise((resolve) => {
    const begun = performance.now();
    const headers = { 'content-type': 'image/jpeg', 'content-length': image.length };
    const request = http.request(url, { method: 'POST', headers, agent });
    request.on('error', (error) => resolve({ status: error.code, ms: 0 }));
    request.on('response', (response) => {
      response.on('error', (error) => resolve({ status: error.code, ms: 0 }));
      const { statusCode: status, headers: answered } = response;
      const after = Number(answered['retry-after'] ?? 0);
      response.on('end', () => resolve({ status, ms: performance.now() - begun, after }));
      response.resume();
    });
    request.end(image);
  });
}

async function memory(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)[1]) / 2 ** 20;
}

const { child, url: starting, seen } = start();
const url = await starting;
const ended = new Promise((resolve) => child.once('exit', resolve));
const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
const counts = {};
const times = [];
let going = true;
const client = async () => {
  while (going) {
    const { status, ms, after } = await ask(url, agent);
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === 200) times.push(ms);
    if (typeof status === 'string') return;
    if (status === 503) await new Promise((resolve) => setTimeout(resolve, after * 1000));
  }
};
const all = Array.from({ length: clients }, client);
const wait = (share) => new Promise((resolve) => setTimeout(resolve, seconds * 1000 * share));
await wait(0.25);
const rss = [await memory(url)];
await wait(0.75);
rss.push(await memory(url));
child.kill('SIGTERM');
const exit = await ended;
going = false;
await Promise.all(all);

times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
const answered = (counts[200] ?? 0) + (counts[503] ?? 0);
const result = {
  clients, seconds, exit, counts, perSecond: times.length / seconds,
  p50: at(0.5), p99: at(0.99), rssMiB: rss, logged: seen.requests, lost: seen.requests - answered,
};
if (values.json) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  const others = Object.entries(counts).filter(([status]) => !['200', '503'].includes(status));
  process.stdout.write([
    `${clients} clients, ${seconds} s: ${counts[200] ?? 0} answered, ${counts[503] ?? 0} told to come later`,
    `  ${result.perSecond.toFixed(0)} a second, p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms`,
    `  memory ${rss.map((one) => one.toFixed(0)).join(' -> ')} MiB`,
    `  at the end: exit ${exit}, refused or cut after SIGTERM ${JSON.stringify(Object.fromEntries(others))}`,
    `  logged ${seen.requests}, of those without an answer ${result.lost}`,
    '',
  ].join('\n'));
}
