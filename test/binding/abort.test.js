// Does a process live through an abort at any moment of any stage, and go on working?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { runsClean, times } = require('../lib/support/child.js');

const PROCESSES = times(1, 20);
const ABORTS = 12; // a process: spread over the time that the stage takes

/** What a stage's program sees; `stage(signal)` starts one piece of work, of several if it likes. */
const PROLOGUE = `
  const fs = require('node:fs');
  const os = require('node:os');
  const path = require('node:path');
  const { MobileNet, Model, quantize, runGuest } = require('./lib/index.js');
  const { encodePng } = require('./models/shapes/draw.js');
  const { large, png } = require('./test/lib/support/pictures.js');
  const MODEL = './models/shapes/shapes.onnx';
  const ending = [];
  const reason = new Error('enough');

  async function cut(stage, ms) {
    const controller = new AbortController();
    const abort = () => controller.abort(reason);
    const timer = setTimeout(abort, ms);
    try {
      await stage(controller.signal);
      return 'done';
    } catch (error) {
      if (error !== reason) throw error;
      return 'aborted';
    } finally {
      clearTimeout(timer);
    }
  }

  async function sweep(stage) {
    await stage(new AbortController().signal);
    const begun = performance.now();
    await stage(new AbortController().signal);
    const ms = performance.now() - begun;
    const counts = { done: 0, aborted: 0 };
    for (let i = 0; i < ${ABORTS}; i++) counts[await cut(stage, ms * i / ${ABORTS})]++;
    await stage(new AbortController().signal); // it still works
    for (const end of ending) await end();
    console.log(counts.aborted > 0 ? 'aborted' : JSON.stringify(counts));
  }
`;

const STAGES = {
  'loading a file': `
    const stage = async (signal) => (await Model.load(MODEL, { signal })).close();
  `,
  'loading bytes': `
    const bytes = fs.readFileSync(MODEL);
    const stage = async (signal) => (await MobileNet.load(bytes, { preprocess: 'tf', signal })).close();
  `,
  decoding: `
    const pixels = { data: new Uint8Array(2500 * 2500 * 3).map((_, i) => i * 7), width: 2500, height: 2500 };
    const image = encodePng(pixels);
    const net = await MobileNet.load();
    const stage = (signal) => net.classify(image, { signal });
  `,
  inference: `
    const model = await Model.load('shapes');
    const data = new Float32Array(32 * 3 * 96 * 96);
    const stage = (signal) => model.run({ input: data }, { signal });
  `,
  'a batch': `
    const net = await MobileNet.load();
    const images = Array.from({ length: 20 }, (_, i) => (i % 2 ? png(i) : large(800)));
    const stage = (signal) => net.classifyBatch(images, { signal });
  `,
  'a stream': `
    const net = await MobileNet.load();
    const images = Array.from({ length: 20 }, (_, i) => (i % 2 ? png(i) : large(800)));
    const stage = async (signal) => {
      for await (const { error } of net.classifyStream(images, { concurrency: 4, signal })) {
        if (error) throw error;
      }
    };
  `,
  'making a network one of integers': `
    const images = [png(1), png(2)];
    const stage = (signal) => quantize('shapes', images, { signal });
  `,
  'a guest that infers': `
    const guest = 'classify-nn.wasm';
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-test-'));
    ending.push(() => fs.rmSync(folder, { recursive: true }));
    fs.writeFileSync(path.join(folder, 'picture.png'), png(1));
    const args = ['/shapes/shapes.onnx', '/here/picture.png', '/shapes/labels.txt', '--size', '96'];
    const preopens = { '/here': folder, '/shapes': './models/shapes' };
    const stage = async (signal) => {
      const { exitCode, stderr } = await runGuest(guest, { args, preopens, signal });
      if (exitCode !== 0) throw new Error(stderr);
    };
  `,
  'a download': `
    const crypto = require('node:crypto');
    const { pull } = require('./lib/pull.js');
    const weights = fs.readFileSync(MODEL);
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-test-'));
    ending.push(() => fs.rmSync(root, { recursive: true }));
    const server = require('node:http').createServer((request, response) => {
      response.setHeader('content-length', weights.length);
      const half = weights.length >> 1;
      response.write(weights.subarray(0, half));
      setTimeout(() => response.end(weights.subarray(half)), 5);
    }).listen(0, '127.0.0.1');
    await require('node:events').once(server, 'listening');
    ending.push(() => server.close());
    process.env.MINNOW_MODELS = path.join(root, 'catalog');
    process.env.MINNOW_CACHE = path.join(root, 'cache');
    fs.mkdirSync(path.join(root, 'catalog', 'net'), { recursive: true });
    const sha256 = crypto.createHash('sha256').update(weights).digest('hex');
    const downloads = [{ url: 'http://models.invalid/net.onnx', bytes: weights.length, sha256 }];
    fs.writeFileSync(path.join(root, 'catalog', 'net', 'model.json'),
      JSON.stringify({ name: 'net', file: 'net.onnx', format: 'onnx', preprocess: 'tf', downloads }));
    const from = 'http://127.0.0.1:' + server.address().port;
    const stage = async (signal) => {
      await pull('net', { from, signal, force: true });
      const left = fs.readdirSync(path.join(root, 'cache', 'net')).sort().join();
      if (left !== 'model.json,net.onnx') throw new Error(left);
    };
  `,
  'a request to the server, whose client goes away': `
    const http = require('node:http');
    const { startServer } = require('./lib/server/index.js');
    const errors = [];
    const logStream = { write: (line) => JSON.parse(line).level >= 50 && errors.push(line) };
    const server = await startServer({ port: 0, logStream });
    ending.push(() => server.close(), () => {
      if (errors.length > 0) throw new Error(errors[0]);
    });
    const body = encodePng({ data: new Uint8Array(1200 * 1200 * 3).map((_, i) => i * 7), width: 1200, height: 1200 });
    const stage = (signal) => new Promise((resolve, reject) => {
      const request = http.request(server.url, { method: 'POST', agent: false, signal });
      request.on('error', () => reject(signal.reason ?? new Error('broken off by the server')));
      request.on('response', (response) => {
        response.on('error', () => reject(signal.reason)).on('end', resolve).resume();
        if (response.statusCode !== 200) reject(new Error('status ' + response.statusCode));
      });
      request.end(body);
    });
  `,
};

for (const [name, body] of Object.entries(STAGES)) {
  test(`aborts in ${name}: ${ABORTS} in each of ${PROCESSES} processes`, async () => {
    for (let i = 0; i < PROCESSES; i++) {
      const program = `${PROLOGUE} (async () => { ${body} await sweep(stage); })();`;
      assert.equal(await runsClean(program), 'aborted\n');
    }
  });
}
