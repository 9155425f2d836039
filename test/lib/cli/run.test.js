// Is `minnow run` the guest: its streams, its arguments, its exit code?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { op, program } = require('../../wasm/support/module.js');
const { cli } = require('../support/child.js');
const { temporaryFolder } = require('../support/pictures.js');

function guestFile(t, makeBody) {
  const file = path.join(temporaryFolder(t), 'guest.wasm');
  fs.writeFileSync(file, program(makeBody));
  return file;
}

test('run passes streams and the exit code through', async (t) => {
  const file = guestFile(t, ({ write, exit }) => [
    write(1, 'to stdout'), write(2, 'to stderr'), exit([op.i32(42)]),
  ]);
  assert.deepEqual(await cli(['run', file]),
    { code: 42, signal: null, stdout: 'to stdout', stderr: 'to stderr' });
});

test('run gives the guest its models', async (t) => {
  const file = guestFile(t, ({ nn, put, exit }) => [
    exit([nn('load_by_name', put(Buffer.from('net')), 3, 512)]),
  ]);
  assert.equal((await cli(['run', file, '--nn-model', 'net=shapes', '--', '--flag'])).code, 0);
  assert.equal((await cli(['run', file])).code, 8);
});

test('a trap is exit code 1 with a message', async (t) => {
  const { code, stderr } = await cli(['run', guestFile(t, () => [op.trap])]);
  assert.equal(code, 1);
  assert.match(stderr, /minnow run: the guest trapped: unreachable/);
});

test('a program may be given a time and a memory to stay within', async (t) => {
  const endless = await cli(['run', guestFile(t, () => [op.forever]), '--timeout', '1']);
  assert.equal(endless.code, 1);
  assert.match(endless.stderr, /minnow run: the guest has not ended within 1000 ms/);
  const grows = guestFile(t, ({ exit }) => [exit([op.i32(17), op.grow])]); // 2 pages already
  assert.equal((await cli(['run', grows, '--max-memory', '1'])).code, 255);
  assert.equal((await cli(['run', grows, '--max-memory', '2'])).code, 2);
});

test('wrong usage is exit code 2', async (t) => {
  const file = guestFile(t, () => []);
  for (const args of [[], [file, '--nn-model', 'net'], [file, '--env', '=x'], [file, '--dir', '::x'],
    [file, '--threads', '0'], [file, '--timeout', '0'], [file, '--max-memory', 'x'], [file, '--no-such-option']]) {
    assert.equal((await cli(['run', ...args])).code, 2, args.join(' '));
  }
  assert.equal((await cli(['run', '/no/such.wasm'])).code, 1);
});
