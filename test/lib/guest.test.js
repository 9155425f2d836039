// Does runGuest run WASI programs to their end, whatever the end is?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { pathToFileURL } = require('node:url');
const { readGuest, runGuest } = require('../../lib/index.js');
const { op, program } = require('../wasm/support/module.js');
const { temporaryFolder } = require('./support/pictures.js');

const greeting = program(({ write, exit }) => [
  write(1, 'hello\n'), write(2, 'oops\n'), exit([op.i32(7)]),
]);

/** Loads a model by name and exits with its input's verdict: 100 + error code. */
const inferring = (name) => program(({ nn, put, exit }) => {
  const at = put(Buffer.from(name));
  return [exit([op.i32(100), nn('load_by_name', at, name.length, 512), op.add])];
});

test('exit code, standard output and standard error come back', async () => {
  const result = await runGuest(greeting);
  assert.deepEqual(result, { exitCode: 7, stdout: 'hello\n', stderr: 'oops\n', lastError: '' });
});

test('a program that returns has exit code 0', async () => {
  const { exitCode, stdout } = await runGuest(program(({ write }) => [write(1, 'done')]));
  assert.deepEqual([exitCode, stdout], [0, 'done']);
});

test('guests are found by path and by URL', async (t) => {
  const file = path.join(temporaryFolder(t), 'greeting.wasm');
  fs.writeFileSync(file, greeting);
  assert.equal((await runGuest(file)).exitCode, 7);
  assert.equal((await runGuest(pathToFileURL(file))).exitCode, 7);
});

test('the guests of minnow are found by name, unless a file has it', async (t) => {
  const { exitCode, stderr } = await runGuest('classify-nn.wasm');
  assert.equal(exitCode, 2);
  assert.match(stderr, /^usage: classify-nn /m);
  const home = process.cwd();
  process.chdir(temporaryFolder(t));
  t.after(() => process.chdir(home));
  fs.writeFileSync('classify-nn.wasm', greeting);
  assert.equal((await runGuest('classify-nn.wasm')).exitCode, 7);
  await assert.rejects(runGuest('./infer.wasm'), { code: 'ERR_NOT_FOUND' });
});

test('readGuest gives modules for WASI, and refuses other names', () => {
  for (const name of ['infer.wasm', 'classify-nn.wasm']) {
    const names = WebAssembly.Module.exports(new WebAssembly.Module(readGuest(name))).map((item) => item.name);
    assert.ok(names.includes('_start') && names.includes('memory'), name);
  }
  assert.throws(() => readGuest('../guests/infer.wasm'), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => readGuest(), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
});

test('wasi-nn is there, with named models, its options and lastError', async () => {
  const models = { net: 'shapes' };
  assert.equal((await runGuest(inferring('net'), { models })).exitCode, 100);
  const failed = await runGuest(inferring('other'), { models });
  assert.equal(failed.exitCode, 108);
  assert.match(failed.lastError, /load_by_name: no model is named "other" \(not_found\)/);
  const old = await runGuest(inferring('other'), { models, wasiNn: { errnoSet: '2020' } });
  assert.equal(old.exitCode, 101);
});

test('a trap is ERR_GUEST_TRAP with what was written before', async () => {
  const guest = program(({ write }) => [write(1, 'out'), write(2, 'last words'), op.trap]);
  await assert.rejects(runGuest(guest), {
    name: 'MinnowError', code: 'ERR_GUEST_TRAP', stdout: 'out', stderr: 'last words',
    message: /unreachable/,
  });
});

test('an endless guest ends with its signal', async () => {
  const guest = program(() => [op.forever]);
  const started = Date.now();
  await assert.rejects(runGuest(guest, { signal: AbortSignal.timeout(200) }), { name: 'TimeoutError' });
  assert.ok(Date.now() - started < 10_000);
  await assert.rejects(runGuest(greeting, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('a runaway guest is ended by its timeout, and what it wrote is there', async () => {
  const guest = program(({ write }) => [write(1, 'out'), write(2, 'busy'), op.forever]);
  await assert.rejects(runGuest(guest, { timeout: 300 }), {
    name: 'MinnowError', code: 'ERR_GUEST_TIMEOUT', stdout: 'out', stderr: 'busy', lastError: '',
    message: /300 ms/,
  });
  const { exitCode } = await runGuest(greeting, { timeout: 60_000 });
  assert.equal(exitCode, 7);
});

test('memory grows as far as maxMemory allows, and no further', async () => {
  const PAGE = 65_536;
  const grows = (pages) => program(({ exit }) => [exit([op.i32(pages), op.grow])]); // has 2 pages
  const asked = (pages, maxMemory) => runGuest(grows(pages), { maxMemory });
  assert.equal((await asked(6, 8 * PAGE)).exitCode, 2);
  assert.equal((await asked(7, 8 * PAGE)).exitCode, -1);
  assert.equal((await asked(6, 8 * PAGE + PAGE - 1)).exitCode, 2, 'a part of a page is no page');
  assert.equal((await asked(7, undefined)).exitCode, 2);
  await assert.rejects(asked(0, PAGE), {
    code: 'ERR_OUT_OF_MEMORY', message: /begins with 131072 bytes of memory, maxMemory allows 65536/,
  });
});

test('a guest that recurses without end traps', async () => {
  const recursion = [op.call(14)]; // _start itself, behind the imports
  await assert.rejects(runGuest(program(() => recursion)), { code: 'ERR_GUEST_TRAP' });
});

test('a guest that runs away does not hold up others on the same graph', async () => {
  const models = { net: 'shapes' };
  const runaway = program(({ nn, put }) => [
    nn('load_by_name', put(Buffer.from('net')), 3, 512), op.drop, op.forever,
  ]);
  const all = await Promise.allSettled([
    runGuest(runaway, { models, timeout: 2000 }),
    ...Array.from({ length: 4 }, () => runGuest(inferring('net'), { models })),
  ]);
  assert.equal(all[0].reason?.code, 'ERR_GUEST_TIMEOUT');
  for (const { value } of all.slice(1)) assert.equal(value?.exitCode, 100);
});

test('what cannot run says why', async () => {
  const rejects = (guest, code, options) => assert.rejects(runGuest(guest, options), { code });
  await rejects('/no/such/guest.wasm', 'ERR_NOT_FOUND');
  await rejects(Buffer.from('not wasm'), 'ERR_INVALID_ARGUMENT');
  await rejects(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]), 'ERR_INVALID_ARGUMENT');
  await rejects(greeting, 'ERR_NOT_FOUND', { models: { net: '/no/such/model' } });
  await rejects(greeting, 'ERR_OUT_OF_RANGE', { wasiNn: { threads: 0 } });
});

test('wrong options are TypeErrors and RangeErrors', async () => {
  const wrong = [
    [3, {}], [greeting, { args: 'x' }], [greeting, { args: [1] }], [greeting, { env: { A: 1 } }],
    [greeting, { preopens: ['.'] }], [greeting, { stdin: 1 }], [greeting, { stdio: 'pipe' }],
    [greeting, { signal: 1 }], [greeting, { timeout: 0 }], [greeting, { timeout: '1' }],
    [greeting, { maxMemory: -1 }], [greeting, { maxMemory: 2 ** 33 }],
    [greeting, { preopen: {} }], [greeting, { wasiNn: 1 }],
  ];
  for (const [guest, options] of wrong) {
    await assert.rejects(runGuest(guest, options), /Expected/);
  }
});

test('many guests at a time do not mix their streams', async () => {
  const results = await Promise.all(Array.from({ length: 6 }, (_, i) =>
    runGuest(program(({ write, exit }) => [write(1, `guest ${i}`), exit([op.i32(i)])]))));
  results.forEach(({ exitCode, stdout }, i) => assert.deepEqual([exitCode, stdout], [i, `guest ${i}`]));
});

test('nothing is left in the temporary folder', async (t) => {
  const folder = temporaryFolder(t);
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    await runGuest(greeting);
    await runGuest(program(() => [op.trap])).catch(() => {});
    assert.deepEqual(fs.readdirSync(folder), []);
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
});
