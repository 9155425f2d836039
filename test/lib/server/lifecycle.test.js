// Does a server hold under load, tell what it does, and end without losing what it accepted?
'use strict';

const assert = require('node:assert/strict');
const net = require('node:net');
const { once } = require('node:events');
const test = require('node:test');
const { startServer } = require('../../../lib/server/index.js');
const { Counter, Histogram } = require('../../../lib/server/metrics.js');
const { WorkQueue } = require('../../../lib/server/work-queue.js');
const { bareCli, cli } = require('../support/child.js');
const { ask, askJson, host } = require('../support/http.js');
const { png } = require('../support/pictures.js');
const { serve, serveProcess, until } = require('./support.js');

const PICTURE = png(1);

/** A host of pictures that answers when it is told to. */
async function slowHost(t) {
  const held = [];
  let open = false;
  const found = await host(t, (request, response) => {
    if (open) response.end(PICTURE);
    else held.push(response);
  });
  const release = () => {
    open = true;
    for (const response of held.splice(0)) response.end(PICTURE);
  };
  return { ...found, held, release };
}

const metric = (text, name) => Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);

test('SIGTERM in the middle loses no accepted request', async (t) => {
  const images = await slowHost(t);
  const { child, url, logs, ended } = await serveProcess(t, ['--allow-host', '127.0.0.1']);
  const answers = Array.from({ length: 20 }, () => ask(url, { method: 'POST', body: images.url }));
  await until(() => images.held.length === 20);
  const idle = net.connect(Number(new URL(url).port), '127.0.0.1');
  idle.write('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n');
  await once(idle, 'data');
  child.kill('SIGTERM');
  await once(idle.resume(), 'close'); // the server has closed what is idle, and waits for the rest
  await until(() => ask(`${url}/healthz`).then(() => false, (error) => error.code === 'ECONNREFUSED'));
  images.release();
  for (const { status, headers } of await Promise.all(answers)) {
    assert.equal(status, 200);
    assert.equal(headers.connection, 'close');
  }
  assert.deepEqual(await ended, { code: 0, signal: null });
  assert.deepEqual(logs.filter(({ route }) => route === '/').map(({ status }) => status), Array(20).fill(200));
  assert.equal(logs.at(-1).msg, 'drained');
});

test('requests that come while clients keep sending are answered or refused, never broken', async (t) => {
  const { child, url, ended } = await serveProcess(t);
  const agent = new (require('node:http').Agent)({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  const outcomes = [];
  let going = true;
  const client = async () => {
    while (going) {
      try {
        outcomes.push((await ask(url, { method: 'POST', body: PICTURE, agent })).status);
        if (outcomes.length === 50) child.kill('SIGTERM');
      } catch (error) {
        going = false;
        outcomes.push(error.code);
      }
    }
  };
  await Promise.all([client(), client(), client(), client()]);
  assert.deepEqual(await ended, { code: 0, signal: null });
  assert.ok(outcomes.filter((one) => one === 200).length >= 50);
  const others = outcomes.filter((one) => one !== 200);
  assert.deepEqual(others.filter((one) => one !== 'ECONNREFUSED'), []);
});

test('what hangs is cut off after the time to drain', async (t) => {
  const images = await slowHost(t);
  const server = await serve(t, { allowHosts: ['127.0.0.1'], drainMs: 50 });
  const asking = ask(server.url, { method: 'POST', body: images.url });
  await until(() => images.held.length === 1);
  await Promise.all([assert.rejects(asking, { code: 'ECONNRESET' }), server.close()]);
});

test('beyond the queue the answer is 503 with Retry-After, and within it 200', async (t) => {
  const images = await slowHost(t);
  const { url } = await serve(t, { allowHosts: ['127.0.0.1'], concurrency: 1, queue: 3 });
  const accepted = Array.from({ length: 4 }, () => ask(url, { method: 'POST', body: images.url }));
  await until(() => images.held.length === 4);
  assert.equal(metric((await ask(`${url}/metrics`)).text, 'minnow_queue_depth'), 4);
  for (const refused of [
    await ask(url, { method: 'POST', body: PICTURE }),
    await ask(`${url}/v2/models/shapes/infer`, { method: 'POST', body: '{}' }),
  ]) {
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['retry-after'], '1');
    assert.match(refused.text, /ERR_BUSY/);
  }
  assert.equal((await ask(`${url}/v2/health/ready`)).status, 200);
  images.release();
  assert.deepEqual((await Promise.all(accepted)).map(({ status }) => status), [200, 200, 200, 200]);
  assert.equal((await ask(url, { method: 'POST', body: PICTURE })).status, 200);
  const text = (await ask(`${url}/metrics`)).text;
  assert.equal(metric(text, 'minnow_queue_depth'), 0);
  assert.equal(metric(text, 'minnow_errors_total{code="ERR_BUSY"}'), 2);
});

test('a crowd gets 200 or 503 and nothing else', async (t) => {
  const { url } = await serve(t, { queue: 20, logLevel: 'silent' });
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => ask(url, { method: 'POST', body: PICTURE })),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  statuses.delete(503);
  assert.deepEqual([...statuses], [200]);
});

test('a client that goes away gives its place back', async (t) => {
  const images = await slowHost(t);
  const { url } = await serve(t, { allowHosts: ['127.0.0.1'], concurrency: 1, queue: 0 });
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${images.url.length}\r\n\r\n${images.url}`);
  await until(() => images.held.length === 1);
  const closed = once(images.held[0], 'close');
  socket.destroy();
  await closed;
  await until(async () => metric((await ask(`${url}/metrics`)).text, 'minnow_queue_depth') === 0);
  assert.equal((await ask(url, { method: 'POST', body: PICTURE })).status, 200);
});

test('metrics count requests by status, errors by code, and time decoding and inference', async (t) => {
  const { url } = await serve(t);
  await ask(url, { method: 'POST', body: PICTURE });
  await ask(url, { method: 'POST', body: PICTURE });
  await ask(url, { method: 'POST', body: 'no', headers: { 'content-type': 'image/png' } });
  const data = Array(3 * 96 * 96).fill(0);
  const inputs = [{ name: 'input', shape: [1, 3, 96, 96], datatype: 'FP32', data }];
  await askJson(`${url}/v2/models/shapes/infer`, { inputs });
  const { text, headers } = await ask(`${url}/metrics`);
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(metric(text, 'minnow_http_requests_total{method="POST",route="/",status="200"}'), 2);
  assert.equal(metric(text, 'minnow_http_requests_total{method="POST",route="/",status="400"}'), 1);
  assert.equal(metric(text, 'minnow_errors_total{code="ERR_INVALID_IMAGE"}'), 1);
  assert.equal(metric(text, 'minnow_decode_seconds_count{model="shapes",version="1"}'), 2);
  assert.equal(metric(text, 'minnow_inference_seconds_count{model="shapes",version="1"}'), 3);
  assert.equal(metric(text, 'minnow_queue_depth'), 0);
  for (const line of text.trimEnd().split('\n')) {
    assert.match(line, /^# (HELP|TYPE) \w+ |^\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+$/);
  }
});

test('histograms are cumulative and labels are escaped', () => {
  const histogram = new Histogram('h', 'help');
  for (const seconds of [0.0005, 0.003, 0.003, 99]) histogram.observe(seconds);
  const lines = histogram.lines();
  assert.equal(lines[0], 'h_bucket{le="0.001"} 1');
  assert.equal(lines[2], 'h_bucket{le="0.005"} 3');
  assert.deepEqual(lines.slice(-3), ['h_bucket{le="+Inf"} 4', 'h_sum 99.0065', 'h_count 4']);
  const counter = new Counter('c', 'help');
  counter.inc({ a: 'x"\\\n' });
  assert.deepEqual(counter.lines(), ['c{a="x\\"\\\\\\n"} 1']);
});

test('logs are one object a request, with times and code, without the URL asked about', async (t) => {
  const { url, logs } = await serve(t);
  await ask(url, { method: 'POST', body: PICTURE });
  await ask(`${url}/?url=http://127.0.0.1/secret-token`);
  await until(() => logs.filter(({ msg }) => msg === 'request').length === 2);
  const [good, bad] = logs.filter(({ msg }) => msg === 'request');
  assert.deepEqual([good.method, good.route, good.status, good.model], ['POST', '/', 200, 'shapes']);
  assert.ok(good.ms > 0 && good.decodeMs >= 0 && good.inferMs > 0);
  assert.deepEqual([bad.status, bad.code], [403, 'ERR_FETCH_BLOCKED']);
  assert.doesNotMatch(JSON.stringify(logs), /secret-token/);
});

test('headers and whole requests have their time limits', async (t) => {
  const { app } = await serve(t);
  assert.equal(app.server.headersTimeout, 10_000);
  assert.equal(app.server.requestTimeout, 30_000);
});

test('the default address is this machine only', async (t) => {
  const { app, url } = await serve(t);
  assert.equal(app.server.address().address, '127.0.0.1');
  assert.deepEqual((await ask(`${url}/healthz`)).text, '{"status":"ok"}');
});

test('closing twice is closing once, and a port in use is an error', async (t) => {
  const server = await serve(t);
  await assert.rejects(startServer({ port: server.port, logLevel: 'silent' }), { code: 'EADDRINUSE' });
  await Promise.all([server.close(), server.close()]);
});

test('wrong options are refused', async () => {
  const wrong = [
    { port: 65_536 }, { port: '80' }, { queue: -1 }, { concurrency: 0 }, { models: [] }, { models: 'shapes' },
    { allowHosts: 'a' }, { allowHosts: ['http://a/'] }, { logLevel: 'loud' }, { models: [{ name: 'a/b' }] },
  ];
  for (const options of wrong) {
    await assert.rejects(startServer({ port: 0, logLevel: 'silent', ...options }), (error) =>
      ['ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE'].includes(error.code), JSON.stringify(options));
  }
  const twice = { port: 0, logLevel: 'silent', models: ['shapes', 'shapes'] };
  await assert.rejects(startServer(twice), { code: 'ERR_INVALID_ARGUMENT' });
});

test('without fastify there is a remedy, not a stack', async (t) => {
  const { code, stderr } = await bareCli(t, ['serve', '--port', '0']);
  assert.equal(code, 1);
  assert.match(stderr, /needs the package fastify.*\n.*npm install fastify@5/);
});

test('minnow serve checks its arguments', async () => {
  for (const args of [['extra'], ['--port', 'x'], ['--port', '65536'], ['--log-level', 'loud'], ['--queue', '-1']]) {
    const { code, stderr } = await cli(['serve', ...args]);
    assert.equal(code, 2, stderr);
  }
  const { code, stderr } = await cli(['serve', '--model', 'no-such', '--port', '0']);
  assert.equal(code, 1);
  assert.match(stderr, /no-such/);
});

test('minnow serve takes names and versions of models', async (t) => {
  const { url } = await serveProcess(t, ['-m', 'a@7=shapes', '-m', 'models/shapes/shapes.onnx']);
  assert.deepEqual(JSON.parse((await ask(`${url}/v2/models`)).text).models, [
    { name: 'a', versions: ['7'] }, { name: 'shapes', versions: ['1'] },
  ]);
});

test('the queue hands places on in order, and drops those who left', async () => {
  const queue = new WorkQueue(1, 8);
  const { signal } = new AbortController();
  const done = [];
  let finish;
  const first = queue.run(signal, () => new Promise((resolve) => (finish = resolve)));
  const leaving = new AbortController();
  const second = queue.run(signal, async () => done.push('second'));
  const third = queue.run(leaving.signal, async () => done.push('third'));
  const fourth = queue.run(signal, async () => { done.push('fourth'); throw new Error('failed'); });
  leaving.abort(new Error('left'));
  await assert.rejects(third, /left/);
  finish();
  await Promise.all([first, second, assert.rejects(fourth, /failed/)]);
  assert.deepEqual(done, ['second', 'fourth']);
  assert.equal(queue.running, 0);
});
