// May everything be collected at any moment, and is what nobody closed given back?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { runsClean: runs, times } = require('../lib/support/child.js');

const PROCESSES = times(2, 20);
const PROLOGUE = `
  const { MobileNet, Model, WasiNN } = require('./lib/index.js');
  const { large, png } = require('./test/lib/support/pictures.js');
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  async function collect() {
    for (let i = 0; i < 5; i++) {
      globalThis.gc();
      await turn(); // finalisers run between
    }
  }
`;

async function eachProcess(body, expected) {
  for (let i = 0; i < PROCESSES; i++) {
    const program = `${PROLOGUE} (async () => { ${body} })();`;
    assert.equal(await runs(program, { flags: ['--expose-gc'] }), expected);
  }
}

test('objects that nobody holds are collected while their work goes on', () => eachProcess(`
  const working = [];
  for (let i = 0; i < 10; i++) {
    const net = await MobileNet.load();
    const model = await Model.load();
    working.push(net.classify(large(800)), net.classify(png(1)),
      model.run({ input: new Float32Array(3 * 96 * 96) }));
    if (i % 2) net.close();
    globalThis.gc();
  }
  let ended = 0;
  for (const work of working) work.then(() => ended++);
  while (ended < working.length) await collect();
  console.log(ended);
`, '30\n'));

test('collections between the turns of every kind of work disturb none of it', () => eachProcess(`
  const timer = setInterval(() => globalThis.gc(), 1);
  const net = await MobileNet.load();
  const expected = JSON.stringify(await net.classify(png(3)));
  for (let i = 0; i < 30; i++) {
    const controller = new AbortController();
    net.classify(large(1000), { signal: controller.signal }).catch(() => {});
    setTimeout(() => controller.abort(), i % 5);
    new WasiNN({ models: { net: 'shapes' } });
    if (JSON.stringify(await net.classify(png(3))) !== expected) throw new Error('another answer');
  }
  clearInterval(timer);
  console.log('same');
`, 'same\n'));

test('the memory of models that were never closed comes back', () => eachProcess(`
  const mebibytes = () => process.memoryUsage.rss() / 2 ** 20;
  const bytes = require('node:fs').readFileSync('./models/shapes/shapes.onnx');
  const round = async () => {
    for (let i = 0; i < 10; i++) await (await MobileNet.load(bytes, { preprocess: 'tf' })).classify(png(1));
    await collect();
  };
  // 60 models of more than 1 MiB each in every try: what is kept shows in all of them, while what
  // the allocator and Node put aside on their way to a level shows in the first ones.
  const tries = [];
  do {
    const before = mebibytes();
    for (let i = 0; i < 6; i++) await round();
    tries.push(mebibytes() - before);
  } while (tries.at(-1) >= 30 && tries.length < 5);
  console.log(tries.at(-1) < 30 ? 'steady' : tries.join(' '));
`, 'steady\n'));
