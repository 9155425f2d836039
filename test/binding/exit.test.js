// Does a process end cleanly, whatever minnow is doing at that moment?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { script, times } = require('../lib/support/child.js');

const REPEATS = times(3, 20);

/** Classifications are under way in process, queued and running, when `end` is executed. */
const program = (end, close) => `
  const { MobileNet } = require('./lib/index.js');
  const { large } = require('./test/lib/support/pictures.js');
  const image = large(1500);
  MobileNet.load().then(async (net) => {
    for (let i = 0; i < 12; i++) net.classify(image).catch(() => {});
    await net.classify(image);
    for (let i = 0; i < 12; i++) net.classify(image).catch(() => {});
    ${close ? 'net.close();' : ''}
    ${end}
  });
`;

const ENDS = [
  { name: 'process.exit(0)', end: 'process.exit(0);', code: 0, stderr: /^$/ },
  { name: 'the end of the program', end: '', code: 0, stderr: /^$/ },
  {
    name: 'an uncaught error',
    end: 'setImmediate(() => { throw new Error("mine"); });',
    code: 1,
    stderr: /Error: mine/,
  },
  {
    name: 'process.exit inside an exit listener that classifies',
    end: 'process.on("exit", () => net.closed || net.classifySync(image)); process.exit(0);',
    code: 0,
    stderr: /^$/,
  },
];

for (const { name, end, code, stderr } of ENDS) {
  for (const close of [false, true]) {
    test(`${name} ${close ? 'with' : 'without'} close() in the middle of inference`, async () => {
      for (let i = 0; i < REPEATS; i++) {
        const result = await script(program(end, close));
        assert.deepEqual([result.code, result.signal], [code, null], result.stderr);
        assert.match(result.stderr, stderr);
      }
    });
  }
}

test('work that was begun by the exit is refused with ERR_CLOSED', async () => {
  const { stdout, code } = await script(`
    const { MobileNet } = require('./lib/index.js');
    const { png } = require('./test/lib/support/pictures.js');
    const net = MobileNet.loadSync();
    const addon = require('./lib/binding.js');
    addon.shutdown();
    net.classify(png(1)).catch((error) => console.log(error.code));
  `);
  assert.equal(stdout, 'ERR_CLOSED\n');
  assert.equal(code, 0);
});

test('a program that only loads a network ends by itself', async () => {
  const { code, stderr } = await script("require('./lib/index.js').MobileNet.load();");
  assert.deepEqual([code, stderr], [0, '']);
});

test('a promise keeps the process alive until it settles', async () => {
  const { stdout } = await script(`
    const { MobileNet } = require('./lib/index.js');
    const { png } = require('./test/lib/support/pictures.js');
    MobileNet.load().then((net) => net.classify(png(1))).then((top) => console.log(top.length));
  `);
  assert.equal(stdout, '5\n');
});
