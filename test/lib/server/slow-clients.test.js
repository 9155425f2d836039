// Does the server get rid of clients that trickle or go away, and go on for everybody else?
'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const net = require('node:net');
const test = require('node:test');
const { ask, host } = require('../support/http.js');
const { png } = require('../support/pictures.js');
const { serve, until } = require('./support.js');

const PICTURE = png(1);
const TRICKLE_MS = 10;
const good = async (url) => (await ask(url, { method: 'POST', body: PICTURE })).status === 200;

/** A client that sends `first`, then a byte at a time for ever; `closed` gives all that it heard. */
function trickle(t, url, first, byte) {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(first);
  const timer = setInterval(() => socket.write(byte), TRICKLE_MS);
  t.after(() => socket.destroy());
  let heard = '';
  socket.on('data', (bytes) => (heard += bytes)).on('error', () => {});
  const closed = once(socket, 'close').then(() => {
    clearInterval(timer);
    return heard;
  });
  return { socket, closed };
}

const HEADERS = 'POST / HTTP/1.1\r\nhost: a\r\n';
const BODY = `${HEADERS}content-length: 1000000\r\n\r\n`;

test('headers that trickle in are cut off, while others are served', async (t) => {
  const { url } = await serve(t, { headersMs: 300 });
  const slow = Array.from({ length: 50 }, () => trickle(t, url, HEADERS, 'a'));
  assert.ok(await good(url));
  for (const { closed } of slow) assert.match(await closed, /^HTTP\/1\.1 408 |^$/);
  assert.ok(await good(url));
});

test('a body that trickles in is cut off, and its place is free again', async (t) => {
  const { url } = await serve(t, { requestMs: 300, concurrency: 1, queue: 0 });
  const { closed } = trickle(t, url, BODY, 'a');
  assert.match(await closed, /^HTTP\/1\.1 408 |^$/);
  await until(() => good(url));
});

test('bodies that trickle in keep no place that others need', async (t) => {
  const { url } = await serve(t, { concurrency: 1, queue: 7, uploadGraceMs: 100 });
  const slow = Array.from({ length: 8 }, () => trickle(t, url, BODY, 'a'));
  const depth = async () => Number(/^minnow_queue_depth (\d+)$/m.exec((await ask(`${url}/metrics`)).text)[1]);
  await until(async () => (await depth()) === 8);
  await until(() => good(url));
  for (let i = 0; i < 20; i++) assert.ok(await good(url));
  const { text } = await ask(`${url}/metrics`);
  assert.match(text, /^minnow_slow_uploads_dropped_total [1-7]$/m, 'not all of them');
  for (const { socket } of slow) socket.destroy();
  await until(async () => (await depth()) === 0);
});

test('a request that waits for its turn is not taken for a slow one', async (t) => {
  const held = [];
  const images = await host(t, (request, response) => void held.push(response));
  const { url } = await serve(t, { concurrency: 1, queue: 1, uploadGraceMs: 0, allowHosts: ['127.0.0.1'] });
  const asked = [
    ask(`${url}/?url=${encodeURIComponent(images.url)}`),
    ask(url, { method: 'POST', body: images.url }),
  ];
  await until(() => held.length === 2);
  assert.equal((await ask(url, { method: 'POST', body: PICTURE })).status, 503);
  for (const response of held) response.end(PICTURE);
  for (const answer of asked) assert.equal((await answer).status, 200);
});

test('an upload that is broken off is counted as cancelled, not as a failure of ours', async (t) => {
  const { url, logs } = await serve(t, { concurrency: 1, queue: 0 });
  for (const how of ['destroy', 'resetAndDestroy', 'end']) {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`${BODY}some of it`);
    await until(async () => !(await good(url)));
    socket[how]();
    await until(() => good(url));
    socket.destroy();
  }
  assert.deepEqual(logs.filter(({ level }) => level >= 50), [], 'no errors in the log');
  await until(() => logs.filter(({ msg, code }) => msg === 'aborted' && code === 'ERR_CANCELLED').length === 3);
  const { text } = await ask(`${url}/metrics`);
  assert.match(text, /^minnow_errors_total\{code="ERR_CANCELLED"\} 3$/m);
  assert.doesNotMatch(text, /ERR_INTERNAL|status="500"/);
});
