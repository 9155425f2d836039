// Does the action keep OpenWhisk's protocol: the cases of its public action tests, and more?
'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const test = require('node:test');
const { MobileNet } = require('../../../lib/index.js');
const { ActionContainer, SENTINEL, actionServer } = require('../../../lib/server/action.js');
const { classifyAction } = require('../../../lib/server/classify-action.js');
const { cli } = require('../support/child.js');
const { ask, askJson, host } = require('../support/http.js');
const { png } = require('../support/pictures.js');
const { serveProcess } = require('./support.js');

const PICTURE = png(1);
const net = MobileNet.loadSync();
const expected = net.classifySync(PICTURE);

/** A container in this process; `ends` counts the end markers of each stream. */
async function container(t, entries, options = {}, serverOptions = { singleEntry: false }) {
  const written = ['', ''];
  const streams = written.map((_, i) => ({
    write(text, done) {
      written[i] += text;
      if (done) process.nextTick(done);
    },
  }));
  const made = new ActionContainer(entries, { streams, concurrent: false, ...options });
  const server = actionServer(made, serverOptions).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}`;
  const post = (path) => async (body) => {
    const { status, json } = await askJson(url + path, body);
    return { status, json };
  };
  return {
    url,
    init: (value = {}) => post('/init')({ value: { name: 'test', main: 'main', ...value } }),
    run: (value, context = {}) => post('/run')({ value, ...context }),
    both: post('/'),
    ends: () => written.map((text) => text.split(SENTINEL).length - 1),
    written,
  };
}

const ok = { status: 200, json: { OK: true } };

test('identity: what goes in comes out, as often as it is run', async (t) => {
  const { init, run, ends } = await container(t, { main: (params) => params });
  assert.deepEqual(await init(), ok);
  assert.deepEqual(ends(), [0, 0]);
  for (const value of [{ a: 1 }, { nested: { list: [1, null, 'x'], yes: true } }, {}]) {
    assert.deepEqual(await run(value), { status: 200, json: value });
  }
  assert.deepEqual(ends(), [3, 3], 'one marker an activation on each stream');
});

test('unicode goes through, both ways and to the logs', async (t) => {
  const { init, run } = await container(t, { main: ({ delimiter }) => ({ winter: `${delimiter} \u2603 ${delimiter}` }) });
  await init();
  assert.deepEqual((await run({ delimiter: '\u2744' })).json, { winter: '\u2744 \u2603 \u2744' });
});

test('env of /init and context of /run are in the environment', async (t) => {
  const names = ['__OW_API_HOST', '__OW_API_KEY', '__OW_NAMESPACE', '__OW_ACTION_NAME', '__OW_ACTION_VERSION',
    '__OW_ACTIVATION_ID', '__OW_DEADLINE', '__OW_TRANSACTION_ID', 'OWN_STRING', 'OWN_OBJECT'];
  t.after(() => names.forEach((name) => delete process.env[name]));
  const main = () => Object.fromEntries(names.map((name) => [name, process.env[name]]));
  const { init, run } = await container(t, { main });
  await init({ env: { OWN_STRING: 'xyz', OWN_OBJECT: { a: 1 }, OWN_NULL: null } });
  const context = {
    api_host: 'h', api_key: 'abc', namespace: 'zzz', action_name: 'xxx', action_version: '0.0.1',
    activation_id: 'iii', deadline: '123', transaction_id: 'ttt',
  };
  assert.deepEqual((await run({}, context)).json, {
    __OW_API_HOST: 'h', __OW_API_KEY: 'abc', __OW_NAMESPACE: 'zzz', __OW_ACTION_NAME: 'xxx',
    __OW_ACTION_VERSION: '0.0.1', __OW_ACTIVATION_ID: 'iii', __OW_DEADLINE: '123', __OW_TRANSACTION_ID: 'ttt',
    OWN_STRING: 'xyz', OWN_OBJECT: '{"a":1}',
  });
  await run({}, { ...context, activation_id: 'jjj' });
  assert.equal(process.env.__OW_ACTIVATION_ID, 'jjj');
  assert.equal(process.env.OWN_NULL, undefined);
});

test('the environment is set before the action is made ready', async (t) => {
  t.after(() => delete process.env.OWN_EARLY);
  let seen;
  const ready = async () => { seen = process.env.OWN_EARLY; };
  await (await container(t, { main: () => ({}) }, { ready })).init({ env: { OWN_EARLY: 'yes' } });
  assert.equal(seen, 'yes');
});

test('a payload of more than 1 MB is echoed', async (t) => {
  const { init, run } = await container(t, { main: (params) => params });
  await init();
  const value = { arg: 'a'.repeat((1 << 20) + 1) };
  assert.deepEqual((await run(value)).json, value);
});

test('"main" picks the entry; an unknown one fails, and may be tried again', async (t) => {
  const entries = { main: () => ({ main: true }), niam: () => ({ niam: true }) };
  const { init, run, ends } = await container(t, entries);
  const failed = await init({ main: 'constructor' });
  assert.equal(failed.status, 502);
  assert.match(failed.json.error, /no action named 'constructor'/);
  assert.deepEqual(ends(), [1, 1], 'a failed init ends with markers');
  assert.deepEqual(await init({ main: 'niam' }), ok);
  assert.deepEqual((await run({})).json, { niam: true });
});

test('there is no second init, and no run before the first', async (t) => {
  const { init, run } = await container(t, { main: () => ({}) });
  assert.deepEqual(await run({}), { status: 403, json: { error: 'System not initialized.' } });
  assert.deepEqual(await init(), ok);
  const again = { status: 403, json: { error: 'Cannot initialize the action more than once.' } };
  assert.deepEqual(await init(), again);
  assert.deepEqual((await run({})).status, 200);
});

test('an image without code is initialised with no content; code is ignored, and that is said', async (t) => {
  for (const value of [{ code: '' }, { code: undefined, main: undefined }, { code: 'function main() {}' }]) {
    const { init, run, written } = await container(t, { main: () => ({ built: 'in' }) });
    assert.deepEqual(await init(value), ok);
    assert.deepEqual((await run({})).json, { built: 'in' });
    assert.equal(/gave code/.test(written[1]), Boolean(value.code));
  }
  const { url } = await container(t, { main: () => ({}) });
  assert.equal((await askJson(`${url}/init`, {})).status, 200);
});

test('a result that is no dictionary, and an exception, are 502 with an error, and markers', async (t) => {
  for (const result of ['text', 7, null, undefined, [1]]) {
    const { init, run, ends } = await container(t, { main: () => result });
    await init();
    const answer = { status: 502, json: { error: 'The action did not return a dictionary.' } };
    assert.deepEqual(await run({}), answer);
    assert.deepEqual(ends(), [1, 1]);
  }
  const { init, run, ends } = await container(t, { main: () => { throw new Error('nooooo'); } });
  await init();
  assert.deepEqual(await run({}), { status: 502, json: { error: 'An error has occurred: nooooo' } });
  assert.deepEqual(ends(), [1, 1]);
});

test('an init that fails is 502 with markers', async (t) => {
  const ready = async () => { throw new Error('no model'); };
  const { init, run, ends } = await container(t, { main: () => ({}) }, { ready });
  const { status, json } = await init();
  assert.deepEqual([status, json.error], [502, 'Initialization has failed due to: no model']);
  assert.deepEqual(ends(), [1, 1]);
  assert.equal((await run({})).status, 403);
});

test('other routes, other methods and bad JSON are bad requests', async (t) => {
  const { url } = await container(t, { main: () => ({}) });
  const bad = { error: 'Bad request.' };
  for (const [path, options] of [
    ['/other', { method: 'POST', body: '{}' }], ['/', { method: 'POST', body: '{}' }], ['/init', { method: 'GET' }],
    ['/init', { method: 'POST', body: '{' }], ['/run', { method: 'POST', body: '[]' }], ['/run', { method: 'POST' }],
    ['/toString', { method: 'POST', body: '{}' }],
  ]) {
    const { status, text } = await ask(url + path, options);
    assert.deepEqual([status, JSON.parse(text)], [500, bad], path);
  }
});

test('runs overlap only where the platform says so', async (t) => {
  for (const concurrent of [false, true]) {
    let release;
    const gate = new Promise((resolve) => (release = resolve));
    let started;
    const begun = new Promise((resolve) => (started = resolve));
    const main = async ({ wait }) => {
      if (wait) started();
      if (wait) await gate;
      return { wait };
    };
    const { init, run, ends } = await container(t, { main }, { concurrent });
    await init();
    const first = run({ wait: true });
    await begun;
    assert.equal((await run({ wait: false })).status, concurrent ? 200 : 403);
    release();
    assert.deepEqual((await first).json, { wait: true });
    assert.deepEqual(ends(), concurrent ? [2, 2] : [1, 1]);
  }
});

test('the single entry point takes init, activation, or both', async (t) => {
  const { both, url } = await container(t, { main: (params) => params }, {}, { singleEntry: true });
  assert.equal((await both({ activation: {}, value: { a: 1 } })).status, 403);
  assert.deepEqual(await both({ init: { main: 'main' } }), ok);
  assert.deepEqual(await both({ activation: { namespace: 'n' }, value: { a: 1 } }), { status: 200, json: { a: 1 } });
  assert.equal((await both({ init: { main: 'main' } })).status, 403);
  assert.equal((await ask(`${url}/init`, { method: 'POST', body: '{}' })).status, 500);
  const fresh = await container(t, { main: (params) => params }, {}, { singleEntry: true });
  assert.deepEqual((await fresh.both({ init: {}, activation: {}, value: { b: 2 } })).json, { b: 2 });
});

const fetchImage = async (url) => {
  assert.equal(url, 'http://a.example/b.png');
  return PICTURE;
};
const action = classifyAction(net, fetchImage);
const [{ label, index, probability }] = expected;
const result = { label, confidence: probability, index, probability, predictions: expected };

test('the action classifies a URL or base64, and says how sure it is', async () => {
  const image = PICTURE.toString('base64');
  assert.deepEqual(await action({ image }), result);
  assert.deepEqual(await action({ image: `data:image/png;base64,${image}` }), result);
  assert.deepEqual(await action({ url: 'http://a.example/b.png' }), result);
  assert.equal((await action({ image, topK: 3 })).predictions.length, 3);
});

test('a failure of the action is a dictionary with an error', async () => {
  for (const [params, code] of [
    [{}, 'ERR_INVALID_ARGUMENT'], [{ image: 'aGVsbG8=' }, 'ERR_INVALID_IMAGE'],
    [{ image: PICTURE.toString('base64'), topK: 0 }, 'ERR_INVALID_ARGUMENT'],
  ]) {
    const { error, code: found } = await action(params);
    assert.equal(typeof error, 'string');
    assert.equal(found, code);
  }
});

test('as a web action it takes a body or a query and answers with a status', async () => {
  const web = (params) => action({ __ow_method: 'post', __ow_path: '', ...params });
  const image = PICTURE.toString('base64');
  const type = (value) => ({ __ow_headers: { 'content-type': value } });
  for (const params of [
    { ...type('image/png'), __ow_body: image },
    { ...type('text/plain'), __ow_body: 'http://a.example/b.png\n' },
    { ...type('application/json'), __ow_body: JSON.stringify({ image }) },
    { ...type('application/json'), __ow_body: Buffer.from(JSON.stringify({ image })).toString('base64') },
    { __ow_query: 'url=http%3A%2F%2Fa.example%2Fb.png' },
    { image },
  ]) {
    const answer = await web(params);
    assert.deepEqual([answer.statusCode, answer.body], [200, result]);
  }
  assert.equal((await web({})).statusCode, 400);
});

test('minnow action: a process from cold to classified, markers on both streams', async (t) => {
  const images = await host(t, (request, response) => response.end(PICTURE));
  const { child, url, ended } = await serveProcess(t, ['--host', '127.0.0.1', '--allow-host', '127.0.0.1'], 'action');
  const streams = ['', ''];
  [child.stdout, child.stderr].forEach((stream, i) => stream.on('data', (text) => (streams[i] += text)));
  assert.deepEqual((await askJson(`${url}/init`, { value: {} })).json, { OK: true });
  assert.deepEqual((await askJson(`${url}/run`, { value: { url: images.url } })).json, result);
  const blocked = await askJson(`${url}/run`, { value: { url: 'http://169.254.169.254/' } });
  assert.deepEqual([blocked.status, blocked.json.code], [200, 'ERR_FETCH_BLOCKED']);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, { code: 0, signal: null });
  assert.deepEqual(streams, [SENTINEL.repeat(2), SENTINEL.repeat(2)]);
});

test('a model that cannot be loaded is what /init says', async (t) => {
  const { url } = await serveProcess(t, ['--host', '127.0.0.1', '--model', 'no-such'], 'action');
  const { status, json } = await askJson(`${url}/init`, { value: {} });
  assert.equal(status, 502);
  assert.match(json.error, /no-such/);
});

test('--stdin: base64 in JSON in, label and confidence out', async () => {
  const input = JSON.stringify({ image: PICTURE.toString('base64') });
  const good = await cli(['action', '--stdin'], { input });
  assert.deepEqual([good.code, JSON.parse(good.stdout)], [0, { label, confidence: probability }]);
  const bad = await cli(['action', '--stdin'], { input: '{"image":"aGVsbG8="}' });
  assert.deepEqual([bad.code, JSON.parse(bad.stdout).code], [1, 'ERR_INVALID_IMAGE']);
  const broken = await cli(['action', '--stdin'], { input: '{' });
  assert.deepEqual([broken.code, broken.stdout], [1, '']);
  assert.equal((await cli(['action', 'extra'])).code, 2);
});
