// Does a disk that fails cost no more than an error: no crash, no half file under a good name?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MobileNet } = require('../../lib/index.js');
const { ROOT, runsClean, script, times } = require('../lib/support/child.js');
const { png, temporaryFolder } = require('../lib/support/pictures.js');
const { onSmallDisk, skipWithoutMounts, skipWithoutUser, unprivileged } = require('./support.js');

const SHAPES = path.join(ROOT, 'models', 'shapes', 'shapes.onnx');
const full = { skip: skipWithoutMounts };

/** What the program prints: one JSON value a line. */
async function reports(running) {
  const { code, signal, stdout, stderr } = await running;
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

test('a pull onto a full disk fails with its code, and goes on when there is room', full, async () => {
  const found = await reports(onSmallDisk(700, `
    const crypto = require('node:crypto');
    const { pull } = require('./lib/pull.js');
    const { Model } = require('./lib/index.js');
    const weights = fs.readFileSync('./models/shapes/shapes.onnx');
    const catalog = fs.mkdtempSync('/tmp/minnow-test-');
    process.env.MINNOW_MODELS = catalog;
    process.env.MINNOW_CACHE = path.join(DISK, 'cache');
    fs.mkdirSync(path.join(catalog, 'net'));
    const sha256 = crypto.createHash('sha256').update(weights).digest('hex');
    const downloads = [{ url: 'http://models.invalid/net.onnx', bytes: weights.length, sha256 }];
    fs.writeFileSync(path.join(catalog, 'net', 'model.json'),
      JSON.stringify({ name: 'net', file: 'net.onnx', format: 'onnx', preprocess: 'tf', downloads }));
    const requests = [];
    const server = require('node:http').createServer((request, response) => {
      const start = Number(/\\d+/.exec(request.headers.range ?? '0')[0]);
      requests.push(start);
      response.setHeader('etag', '"one"');
      response.setHeader('content-length', weights.length - start);
      if (start > 0) {
        const range = 'bytes ' + start + '-' + (weights.length - 1) + '/' + weights.length;
        response.setHeader('content-range', range);
      }
      response.writeHead(start > 0 ? 206 : 200).end(weights.subarray(start));
    }).listen(0, '127.0.0.1');
    await require('node:events').once(server, 'listening');
    const from = 'http://127.0.0.1:' + server.address().port;
    const codeOf = (promise) => promise.then(() => 'done', (error) => error.code);
    console.log(JSON.stringify(await codeOf(pull('net', { from }))));
    console.log(JSON.stringify(await codeOf(Model.load('net'))));
    resize(4000);
    console.log(JSON.stringify(await codeOf(pull('net', { from }))));
    console.log(JSON.stringify(await codeOf(Model.load('net'))));
    console.log(JSON.stringify(files(path.join(DISK, 'cache', 'net'))));
    fs.rmSync(catalog, { recursive: true });
    server.close();
  `));
  assert.deepEqual(found, ['ENOSPC', 'ERR_NOT_FOUND', 'done', 'done', ['model.json', 'net.onnx']]);
});

test('a guest on a full disk hears of it, and leaves nothing in the temporary folder', full, async () => {
  const found = await reports(onSmallDisk(64, `
    process.env.TMPDIR = DISK;
    const { runGuest } = require('./lib/index.js');
    const { op, program } = require('./test/wasm/support/module.js');
    const text = 'x'.repeat(100_000);
    const chatty = program(({ write, exit }) => [write(1, text), exit([op.i32(3)])]);
    const { exitCode, stdout } = await runGuest(chatty);
    console.log(JSON.stringify([exitCode, stdout.length < text.length]));
    const quiet = program(({ exit }) => [exit([op.i32(4)])]);
    await runGuest(quiet, { stdin: text }).catch((error) => console.log(JSON.stringify(error.code)));
    console.log(JSON.stringify((await runGuest(quiet)).exitCode));
    console.log(JSON.stringify(files(DISK)));
  `));
  assert.deepEqual(found, [[3, true], 'ENOSPC', 4, []]);
});

test('commands that write to a full disk end with 1 and a message; --resume goes on', full, async () => {
  const found = await reports(onSmallDisk(16, `
    const { spawnSync } = require('node:child_process');
    const { png } = require('./test/lib/support/pictures.js');
    const pictures = fs.mkdtempSync('/tmp/minnow-test-');
    for (let i = 0; i < 60; i++) fs.writeFileSync(path.join(pictures, i + '.png'), png(i % 5));
    const minnow = (...args) => spawnSync(process.execPath, ['./lib/cli/minnow.js', ...args], { encoding: 'utf8' });
    const out = path.join(DISK, 'out.ndjson');
    const classify = ['classify', pictures, '--output', out];
    const first = minnow(...classify);
    console.log(JSON.stringify([first.status, /ENOSPC/.test(first.stderr)]));
    resize(2000);
    const second = minnow(...classify, '--resume');
    const lines = fs.readFileSync(out, 'utf8').trim().split('\\n').map((line) => JSON.parse(line));
    console.log(JSON.stringify([second.status, new Set(lines.map(({ file }) => file)).size, lines.length]));
    fs.rmSync(out);
    resize(16);
    const third = minnow('quantize', 'shapes', pictures, '--calibration', '2', '--out', path.join(DISK, 'q.onnx'));
    console.log(JSON.stringify([third.status, /ENOSPC/.test(third.stderr), files(DISK)]));
    fs.rmSync(pictures, { recursive: true });
  `));
  assert.deepEqual(found, [[1, true], [0, 60, 60], [1, true, []]]);
});

test('a cache that may not be read is an error that says so', { skip: skipWithoutUser }, async (t) => {
  const cache = path.join(temporaryFolder(t), 'cache');
  fs.mkdirSync(path.join(cache, 'net'), { recursive: true });
  fs.writeFileSync(path.join(cache, 'net', 'model.json'), '{"name": "net", "file": "net.onnx"}');
  fs.copyFileSync(SHAPES, path.join(cache, 'net', 'net.onnx'));
  fs.chmodSync(path.dirname(cache), 0o755);
  const load = (name = 'net') => runsClean(`
    require('./lib/index.js').Model.load('${name}').then(() => console.log('loaded'), ({ code }) => console.log(code));
  `, { env: { MINNOW_CACHE: cache }, within: unprivileged });
  assert.equal(await load(), 'loaded\n');
  fs.chmodSync(path.join(cache, 'net', 'net.onnx'), 0);
  assert.equal(await load(), 'EACCES\n');
  fs.chmodSync(cache, 0);
  assert.equal(await load(), 'EACCES\n');
  assert.equal(await load('shapes'), 'loaded\n', 'what others have is found without it');
  fs.chmodSync(cache, 0o755);
  fs.rmSync(cache, { recursive: true });
  fs.writeFileSync(cache, 'a file where a folder should be');
  assert.equal(await load(), 'ERR_NOT_FOUND\n');
});

test('a model that is truncated or replaced after it was loaded stays as it was', async (t) => {
  const file = path.join(temporaryFolder(t), 'net.onnx');
  for (const spoil of [
    () => fs.truncateSync(file, 0),
    () => fs.truncateSync(file, 5000),
    () => fs.writeFileSync(file, Buffer.alloc(2_000_000, 255)),
    () => fs.rmSync(file),
  ]) {
    fs.copyFileSync(SHAPES, file);
    const net = await MobileNet.load(file, { preprocess: 'tf' });
    const before = net.classifySync(png(3));
    spoil();
    assert.deepEqual(await net.classify(png(3)), before);
    assert.deepEqual(net.classifySync(png(3)), before);
    net.close();
  }
});

test('a model that is written over while it is loaded loads, or is refused', async (t) => {
  const folder = temporaryFolder(t);
  const { code, signal, stdout, stderr } = await script(`
    const fs = require('node:fs');
    const { Worker } = require('node:worker_threads');
    const { Model } = require('./lib/index.js');
    const good = fs.readFileSync(${JSON.stringify(SHAPES)});
    const file = ${JSON.stringify(path.join(folder, 'net.onnx'))};
    fs.writeFileSync(file, good);
    const writer = new Worker(\`
      const fs = require('node:fs');
      const { workerData: { good, file } } = require('node:worker_threads');
      for (let i = 0; ; i++) {
        fs.writeFileSync(file, good);
        fs.truncateSync(file, (i * 7919) % good.length);
        if (i % 3 === 0) fs.writeFileSync(file, Buffer.alloc(good.length, i));
      }
    \`, { eval: true, workerData: { good, file } });
    (async () => {
      const counts = { loaded: 0, refused: 0 };
      for (let i = 0; i < ${times(100, 2000)}; i++) {
        try {
          (await Model.load(file, { format: 'onnx' })).close();
          counts.loaded++;
        } catch (error) {
          if (!['ERR_INVALID_MODEL', 'ERR_UNSUPPORTED'].includes(error.code)) throw error;
          counts.refused++;
        }
      }
      await writer.terminate();
      console.log(counts.refused > 0 ? 'refused' : JSON.stringify(counts));
    })();
  `);
  assert.deepEqual({ code, signal, stdout, stderr }, { code: 0, signal: null, stdout: 'refused\n', stderr: '' });
});
