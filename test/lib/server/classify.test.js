// Does / answer what is in a picture, however it is asked?
'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { promisify } = require('node:util');
const { MobileNet } = require('../../../lib/index.js');
const { dataFile, skipWithout } = require('../support/data.js');
const { ask, host } = require('../support/http.js');
const { png, temporaryFolder } = require('../support/pictures.js');
const { serve } = require('./support.js');

const PICTURE = png(1);
const net = MobileNet.loadSync();
const best = net.classifySync(PICTURE)[0].label;
const curl = promisify(execFile).bind(null, 'curl');

async function imageHost(t) {
  return host(t, (request, response) => response.end(PICTURE));
}

for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
  test(`${method} with the URL as text answers 200 and the bare label`, async (t) => {
    const images = await imageHost(t);
    const { url } = await serve(t, { allowHosts: ['127.0.0.1'] });
    const answer = await ask(url, {
      method, headers: { 'content-type': 'text/plain' }, body: ` ${images.url}/dog.png\n`,
    });
    assert.deepEqual([answer.status, answer.text], [200, best]);
  });
}

test('curl with GET and a body works as the 2020 demo documented it', async (t) => {
  const images = await imageHost(t);
  const { url } = await serve(t, { allowHosts: ['127.0.0.1'] });
  const header = ['--header', 'Content-Type: text/plain'];
  let stdout;
  try {
    ({ stdout } = await curl(['-s', '--request', 'GET', url, ...header, '--data-raw', images.url]));
  } catch (error) {
    if (error.code === 'ENOENT') return t.skip('no curl');
    throw error;
  }
  assert.equal(stdout, best);
  const picture = path.join(temporaryFolder(t), 'a.png');
  fs.writeFileSync(picture, PICTURE);
  ({ stdout } = await curl(['-s', url, '-F', `image=@${picture}`]));
  assert.equal(stdout, best);
  ({ stdout } = await curl(['-s', url, '--data-binary', `@${picture}`]));
  return assert.equal(stdout, best);
});

test('a URL of a host that is not allowed is refused with a clear error', async (t) => {
  const images = await imageHost(t);
  const { url } = await serve(t);
  const answer = await ask(url, { headers: { 'content-type': 'text/plain' }, body: images.url });
  assert.equal(answer.status, 403);
  assert.match(answer.text, /^ERR_FETCH_BLOCKED: .*127\.0\.0\.1.*--allow-host/);
});

test('?url= and a missing or a wrong content type are understood', async (t) => {
  const images = await imageHost(t);
  const { url } = await serve(t, { allowHosts: ['127.0.0.1'] });
  const asked = `${url}/?url=${encodeURIComponent(`${images.url}/a?b=c&d`)}`;
  assert.equal((await ask(asked)).text, best);
  assert.equal((await ask(url, { method: 'POST', body: images.url })).text, best);
  const encoded = { 'content-type': 'application/x-www-form-urlencoded' };
  assert.equal((await ask(url, { method: 'POST', body: images.url, headers: encoded })).text, best);
  assert.equal((await ask(url, { method: 'POST', body: PICTURE, headers: encoded })).text, best);
});

for (const type of ['image/png', 'image/jpeg', 'application/octet-stream', undefined]) {
  test(`picture bytes as ${type} answer the label, or top-k as JSON`, async (t) => {
    const { url } = await serve(t);
    const headers = type === undefined ? {} : { 'content-type': type };
    const request = { method: 'POST', headers, body: PICTURE };
    const text = await ask(url, request);
    assert.deepEqual([text.status, text.text], [200, best]);
    assert.match(text.headers['content-type'], /^text\/plain/);
    const json = await ask(`${url}/?top=3`, {
      ...request, headers: { ...headers, accept: 'application/json' },
    });
    const answer = JSON.parse(json.text);
    assert.deepEqual(answer.predictions, net.classifySync(PICTURE, { topK: 3 }));
    assert.equal(answer.model, 'shapes');
    assert.ok(answer.ms.decode >= 0 && answer.ms.infer >= 0);
  });
}

function form(parts, boundary = 'xyz') {
  const lines = parts.flatMap(({ name, filename, data }) => [
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"` +
      `${filename ? `; filename="${filename}"` : ''}\r\n\r\n`),
    Buffer.from(data),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...lines, Buffer.from(`--${boundary}--\r\n`)]);
}

test('a form gives a file, or a field named url', async (t) => {
  const images = await imageHost(t);
  const { url } = await serve(t, { allowHosts: ['127.0.0.1'] });
  const headers = { 'content-type': 'multipart/form-data; boundary=xyz' };
  const send = (parts) => ask(url, { method: 'POST', headers, body: form(parts) });
  const note = { name: 'note', data: 'hello' };
  assert.equal((await send([note, { name: 'f', filename: 'a.png', data: PICTURE }])).text, best);
  assert.equal((await send([note, { name: 'f', data: PICTURE }])).text, best);
  assert.equal((await send([note, { name: 'url', data: images.url }])).text, best);
  assert.equal((await send([note])).status, 400);
});

test('malformed forms are 400', async (t) => {
  const { url } = await serve(t);
  const good = form([{ name: 'f', filename: 'a.png', data: PICTURE }]);
  const headers = { 'content-type': 'multipart/form-data; boundary=xyz' };
  for (const body of [good.subarray(0, 40), good.subarray(0, -10), Buffer.from('--xyz'), 'nothing']) {
    assert.equal((await ask(url, { method: 'POST', headers, body })).status, 400);
  }
  const bare = { 'content-type': 'multipart/form-data' };
  assert.equal((await ask(url, { method: 'POST', headers: bare, body: good })).status, 400);
});

test('JSON gives an image as base64, or a url', async (t) => {
  const images = await imageHost(t);
  const { url } = await serve(t, { allowHosts: ['127.0.0.1'] });
  const headers = { 'content-type': 'application/json' };
  const send = (body) => ask(url, { method: 'POST', headers, body });
  assert.equal((await send(JSON.stringify({ image: PICTURE.toString('base64') }))).text, best);
  assert.equal((await send(JSON.stringify({ url: images.url }))).text, best);
  for (const body of ['{', '[]', 'null', '{"image":1}']) assert.equal((await send(body)).status, 400);
});

test('what is wrong gets a status and a code, as text or as JSON', async (t) => {
  const { url } = await serve(t, { bodyLimit: 10_000 });
  const cases = [
    [{ method: 'GET' }, 400, 'ERR_INVALID_ARGUMENT'],
    [{ method: 'POST', body: 'golden retriever' }, 400, 'ERR_INVALID_ARGUMENT'],
    [{ method: 'POST', body: `http://a/${'a'.repeat(9000)}` }, 400, 'ERR_INVALID_ARGUMENT'],
    [{ method: 'POST', body: 'no picture', headers: { 'content-type': 'image/png' } }, 400, 'ERR_INVALID_IMAGE'],
    [{ method: 'POST', body: Buffer.alloc(10_001) }, 413, 'FST_ERR_CTP_BODY_TOO_LARGE'],
  ];
  for (const [request, status, code] of cases) {
    const text = await ask(url, request);
    assert.equal(text.status, status);
    assert.ok(text.text.startsWith(`${code}: `), text.text);
    const headers = { ...request.headers, accept: 'application/json' };
    assert.equal(JSON.parse((await ask(url, { ...request, headers })).text).code, code);
  }
  assert.equal((await ask(`${url}/?model=other`, { method: 'POST', body: PICTURE })).status, 404);
  for (const top of ['0', '-1', 'x', '1e3', '1001']) {
    const headers = { accept: 'application/json' };
    assert.equal((await ask(`${url}/?top=${top}`, { method: 'POST', headers, body: PICTURE })).status, 400);
  }
  assert.equal((await ask(`${url}/elsewhere`)).status, 404);
});

const NETWORK = 'models/mobilenet_v2_1.0_224_frozen.pb';
const LABELS = 'models/imagenet_labels_1001.txt';
const DOG = 'images/golden-retriever.jpeg';

test('ImageNet: the demo\'s request prints golden retriever', { skip: skipWithout(NETWORK, LABELS, DOG) }, async (t) => {
  const images = await host(t, (request, response) => fs.createReadStream(dataFile(DOG)).pipe(response));
  const models = [{ source: dataFile(NETWORK), labels: dataFile(LABELS) }];
  const { url } = await serve(t, { models, allowHosts: ['127.0.0.1'] });
  const headers = { 'content-type': 'text/plain' };
  assert.equal((await ask(url, { headers, body: images.url })).text, 'golden retriever');
});
