// Does the addon live through worker threads that load, run and are terminated?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { runsClean: runs, times } = require('../lib/support/child.js');

const PROLOGUE = `
  const { Worker, isMainThread, parentPort } = require('node:worker_threads');
  const { MobileNet, MinnowError } = require('./lib/index.js');
  const { large, png } = require('./test/lib/support/pictures.js');
  const once = require('node:events').once;
`;

const WORKERS = times(8, 16);
const ROUNDS = times(3, 50);
const runsClean = (program) => runs(PROLOGUE + program);

/** A program whose workers run `body`; the workers see the prologue. */
const worker = (body) => `new Worker(${JSON.stringify(PROLOGUE + body)}, { eval: true })`;

test('8 workers load, classify and end by themselves, with the same results', async () => {
  const stdout = await runsClean(`
    const start = () => ${worker(`
      MobileNet.load().then(async (net) => {
        const all = await net.classifyBatch([1, 2, 3, 4].map((seed) => png(seed)));
        parentPort.postMessage(JSON.stringify(all));
      });
    `)};
    (async () => {
      const net = await MobileNet.load();
      const own = JSON.stringify(await net.classifyBatch([1, 2, 3, 4].map((seed) => png(seed))));
      const workers = Array.from({ length: 8 }, start);
      const all = await Promise.all(workers.map((w) => once(w, 'message')));
      console.log(all.every(([text]) => text === own));
    })();
  `);
  assert.equal(stdout, 'true\n');
});

test('errors in a worker are of the worker\'s own class', async () => {
  const stdout = await runsClean(`
    const w = ${worker(`
      MobileNet.load(Buffer.from('x')).catch((error) => {
        parentPort.postMessage([error instanceof MinnowError, error.code]);
      });
    `)};
    w.on('message', (message) => console.log(JSON.stringify(message)));
  `);
  assert.equal(stdout, '[true,"ERR_INVALID_MODEL"]\n');
});

test(`${WORKERS} workers are terminated in the middle of inference, ${ROUNDS} times over`, async () => {
  const stdout = await runsClean(`
    const start = () => ${worker(`
      MobileNet.load().then((net) => {
        const image = large(1500);
        const again = () => net.classify(image).then(again);
        for (let i = 0; i < 6; i++) again();
        parentPort.postMessage('running');
      });
    `)};
    (async () => {
      let ended = 0;
      for (let round = 0; round < ${ROUNDS}; round++) {
        const workers = Array.from({ length: ${WORKERS} }, start);
        await Promise.all(workers.map((w) => once(w, 'message')));
        await Promise.all(workers.map((w) => w.terminate()));
        ended += workers.length;
      }
      const net = await MobileNet.load();
      console.log(ended, (await net.classify(png(1))).length);
    })();
  `);
  assert.equal(stdout, `${WORKERS * ROUNDS} 5\n`);
});

test('workers are terminated while they load', async () => {
  const stdout = await runsClean(`
    const start = () => ${worker(`
      parentPort.postMessage('loading');
      for (let i = 0; i < 8; i++) MobileNet.load();
    `)};
    (async () => {
      for (let round = 0; round < ${ROUNDS}; round++) {
        const workers = Array.from({ length: ${WORKERS / 2} }, start);
        await Promise.all(workers.map((w) => once(w, 'message')));
        await Promise.all(workers.map((w) => w.terminate()));
      }
      console.log('done');
    })();
  `);
  assert.equal(stdout, 'done\n');
});

test('a worker may call process.exit, or throw, in the middle of inference', async () => {
  const stdout = await runsClean(`
    const start = (end) => new Worker(${JSON.stringify(PROLOGUE + `
      MobileNet.load().then((net) => {
        for (let i = 0; i < 8; i++) net.classify(large(1500)).catch(() => {});
        setImmediate(() => { END });
      });
    `)}.replace('END', end), { eval: true });
    (async () => {
      for (const end of ['process.exit(3)', 'throw new Error("thrown")']) {
        for (let i = 0; i < ${ROUNDS}; i++) {
          const w = start(end);
          w.on('error', (error) => { if (error.message !== 'thrown') throw error; });
          await new Promise((resolve) => w.on('exit', resolve));
        }
      }
      console.log('done');
    })();
  `);
  assert.equal(stdout, 'done\n');
});
