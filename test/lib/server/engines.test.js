// Do the native engine, infer.wasm and both together say the same, and who answers when?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MobileNet } = require('../../../lib/index.js');
const { HybridClassifier, openEngine } = require('../../../lib/server/engines.js');
const { WasmClassifier } = require('../../../lib/server/wasm-classifier.js');
const { bareCli, cli } = require('../support/child.js');
const { dataFile, skipWithout } = require('../support/data.js');
const { ask, askJson } = require('../support/http.js');
const { png } = require('../support/pictures.js');
const { serveProcess, until } = require('./support.js');

const MODEL = 'models/mobilenet_v2_1.0_224_frozen.pb';
const ONNX = 'models/mobilenetv2_1.0_224.onnx';
const LABELS = 'models/imagenet_labels_1001.txt';
const RETRIEVER = 'images/golden-retriever.jpeg';
const TOLERANCE = 1e-5;

const net = MobileNet.loadSync();

function open(t, ...args) {
  const engine = new WasmClassifier(...args);
  t.after(() => engine.close());
  return engine;
}

function assertSame(found, wanted) {
  assert.deepEqual(found.map(({ index, label }) => ({ index, label })),
    wanted.map(({ index, label }) => ({ index, label })));
  found.forEach(({ probability }, i) =>
    assert.ok(Math.abs(probability - wanted[i].probability) < TOLERANCE));
}

test('the Wasm engine gives the labels and probabilities of the native one, as many as asked', async (t) => {
  const wasm = open(t, 'shapes');
  for (const topK of [1, 5, 10, 99]) {
    const image = png(topK, 100 + topK);
    assertSame(await wasm.classify(image, { topK }), net.classifySync(image, { topK }));
  }
  assert.equal((await wasm.classify(png(1))).length, 5);
});

for (const model of [MODEL, ONNX]) {
  test(`the Wasm engine names a photograph with ${path.basename(model)} as the native one does`, {
    skip: skipWithout(model, LABELS, RETRIEVER),
  }, async (t) => {
    const options = { labels: dataFile(LABELS) };
    const wasm = open(t, dataFile(model), options);
    const image = fs.readFileSync(dataFile(RETRIEVER));
    const native = MobileNet.loadSync(dataFile(model), options);
    const found = await wasm.classify(image, { topK: 3 });
    assert.equal(found[0].label, 'golden retriever');
    const wanted = native.classifySync(image, { topK: 3 });
    assert.deepEqual(found.map(({ index }) => index), wanted.map(({ index }) => index));
  });
}

test('the Wasm engine goes on after a damaged picture', async (t) => {
  const wasm = open(t, 'shapes');
  const whole = png(1);
  for (const bytes of [Buffer.from('none'), whole.subarray(0, whole.length >> 1), Buffer.alloc(0)]) {
    await assert.rejects(wasm.classify(bytes), { code: /^ERR_(INVALID_IMAGE|GUEST_TRAP)$/ });
    assertSame(await wasm.classify(whole), net.classifySync(whole));
  }
});

test('what the Wasm engine cannot do is an error, before it starts', async (t) => {
  for (const [source, options, code] of [
    ['no-such', {}, 'ERR_NOT_FOUND'],
    [['a.xml', 'a.bin'], {}, 'ERR_UNSUPPORTED'],
    ['shapes', { resize: 'crop' }, 'ERR_UNSUPPORTED'],
    ['shapes', { preprocess: { scale: 2 } }, 'ERR_UNSUPPORTED'],
    ['shapes', { labels: ['only', 'two'] }, 'ERR_INVALID_ARGUMENT'],
    [Buffer.from('no model'), {}, 'ERR_INVALID_MODEL'],
  ]) {
    await assert.rejects(open(t, source, options).classify(png(1)), { code });
  }
});

test('closing the Wasm engine rejects what waits', async () => {
  const wasm = new WasmClassifier('shapes');
  await wasm.ready;
  const answers = [wasm.classify(png(1)), wasm.classify(png(2))];
  wasm.close();
  await Promise.all(answers.map((answer) => assert.rejects(answer, { code: 'ERR_CLOSED' })));
  await assert.rejects(wasm.classify(png(1)), { code: 'ERR_CLOSED' });
});

/** An engine that does what the test tells it to. */
function puppet(name) {
  const calls = [];
  let settle;
  const ready = new Promise((resolve, reject) => (settle = { resolve, reject }));
  ready.catch(() => {});
  return {
    name, calls, ready, load: settle.resolve, fail: settle.reject, closed: false,
    async classify(bytes) {
      await ready;
      calls.push(bytes);
      if (bytes === 'bad') throw new Error(`${name}: bad`);
      return name;
    },
    close() { this.closed = true; },
  };
}

/** A hybrid of two puppets; `wasm` is told to load by the test. */
function pair(headStartMs = 0) {
  const [native, wasm] = [puppet('native'), puppet('wasm')];
  let opened = 0;
  const openWasm = () => {
    opened++;
    return wasm;
  };
  return { native, wasm, hybrid: new HybridClassifier(native, openWasm, headStartMs), opened: () => opened };
}

test('hybrid: Wasm answers while native is loading, then native does, and Wasm is let go', async () => {
  const { native, wasm, hybrid } = pair();
  wasm.load();
  await hybrid.ready;
  assert.equal(await hybrid.classify('a'), 'wasm');
  assert.equal(wasm.closed, false);
  native.load();
  await native.ready;
  assert.equal(wasm.closed, true);
  assert.equal(await hybrid.classify('b'), 'native');
  assert.deepEqual([wasm.calls, native.calls], [['a'], ['a', 'b']]);
});

test('hybrid: within the head start there is no Wasm, whatever native says of the picture', async () => {
  for (const [picture, outcome] of [['a', 'native'], ['bad', /native: bad/]]) {
    const { native, hybrid, opened } = pair(60_000);
    const early = hybrid.classify(picture);
    native.load();
    if (outcome === 'native') assert.equal(await early, 'native');
    else await assert.rejects(early, outcome);
    assert.equal(opened(), 0);
    hybrid.close();
  }
});

test('hybrid: native decides about a picture that Wasm fails at', async () => {
  const { native, wasm, hybrid } = pair();
  wasm.load();
  const bad = hybrid.classify('bad');
  await until(() => wasm.calls.length === 1);
  native.load();
  await assert.rejects(bad, /native: bad/);
});

test('hybrid: where native cannot be had, Wasm answers at once; where neither can, that is said', async () => {
  const { native, wasm, hybrid, opened } = pair(60_000);
  const early = hybrid.classify('a');
  native.fail(new Error('no addon'));
  await until(() => opened() === 1);
  wasm.load();
  await hybrid.ready;
  assert.deepEqual([await early, await hybrid.classify('a')], ['wasm', 'wasm']);
  await assert.rejects(hybrid.classify('bad'), /wasm: bad/);
  const lost = pair();
  for (const one of [lost.native, lost.wasm]) one.fail(new Error(`no ${one.name}`));
  await assert.rejects(lost.hybrid.ready, /no native/);
});

test('metrics have the time to ready and the latencies of each engine', async (t) => {
  const engine = openEngine('hybrid', 'shapes', { headStartMs: 0 });
  t.after(() => engine.close());
  await engine.ready;
  assertSame(await engine.classify(png(2), { topK: 2 }), net.classifySync(png(2), { topK: 2 }));
  await until(() => /minnow_engine_ready_seconds\{engine="native"\} \d/.test(engine.metrics()));
  await engine.classify(png(1), {});
  const count = /^minnow_classify_seconds_count\{engine="native"\} (\d+)$/m.exec(engine.metrics());
  assert.ok(Number(count[1]) >= 1);
});

for (const kind of ['wasm', 'hybrid']) {
  test(`minnow action --engine ${kind} speaks the protocol and has metrics`, async (t) => {
    const { child, url, ended } = await serveProcess(t, ['--host', '127.0.0.1', '--engine', kind, '--head-start', '0'], 'action');
    assert.deepEqual((await askJson(`${url}/init`, { value: {} })).json, { OK: true });
    const image = png(1);
    for (let i = 0; i < 3; i++) {
      const { json } = await askJson(`${url}/run`, { value: { image: image.toString('base64'), topK: 3 } });
      assertSame(json.predictions, net.classifySync(image, { topK: 3 }));
    }
    const { status, text, headers } = await ask(`${url}/metrics`);
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
    assert.match(text, kind === 'wasm'
      ? /^minnow_classify_seconds_count\{engine="wasm"\} 3$/m
      : /^minnow_classify_seconds_count\{engine="(wasm|native)"\} \d$/m);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, { code: 0, signal: null });
  });
}

test('--stdin works with each engine', async () => {
  const input = JSON.stringify({ image: png(1).toString('base64') });
  const [{ label }] = net.classifySync(png(1));
  for (const kind of ['native', 'wasm', 'hybrid']) {
    const { code, stdout, stderr } = await cli(['action', '--stdin', '--engine', kind], { input });
    assert.deepEqual([code, JSON.parse(stdout).label, stderr], [0, label, '']);
  }
  for (const wrong of [['--engine', 'fast'], ['--head-start', 'x']]) {
    assert.equal((await cli(['action', '--stdin', ...wrong], { input })).code, 2);
  }
});

test('without the native addon the engines wasm and hybrid answer, and native says what is missing', async (t) => {
  const input = JSON.stringify({ image: png(1).toString('base64') });
  const run = (kind) =>
    bareCli(t, ['action', '--stdin', '--engine', kind], { input }, ['lib', 'models', 'package.json']);
  const [{ label }] = net.classifySync(png(1));
  for (const kind of ['wasm', 'hybrid']) assert.equal(JSON.parse((await run(kind)).stdout).label, label);
  const { code, stdout } = await run('native');
  assert.equal(code, 1);
  assert.match(JSON.parse(stdout).error, /native addon/);
});
