// Do bytes reach a guest's memory, and does a class come back, whatever the guest does?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { MinnowError, getPrediction, writeGuestMemory } = require('../../lib/index.js');

const PAGE = 65536;

/** An instance made of JavaScript; `exports` over a bump allocator from 1024. */
function guest(exports = {}, pages = 1) {
  const memory = new WebAssembly.Memory({ initial: pages });
  let next = 1024;
  const alloc = (len) => {
    const ptr = next;
    next += len;
    return ptr;
  };
  return { exports: { memory, alloc, infer_from_ptrs: () => 1, ...exports } };
}

const bytesAt = ({ exports }, ptr, len) => [...new Uint8Array(exports.memory.buffer, ptr, len)];

const guestError = (pattern, code = 'ERR_GUEST') => (error) => {
  assert.ok(error instanceof MinnowError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, pattern);
  return true;
};

test('writeGuestMemory copies what a view shows, not the pool that it lies in', () => {
  const pool = Buffer.from([9, 9, 1, 2, 3, 9]);
  const instance = guest();
  const written = writeGuestMemory(pool.subarray(2, 5), instance);
  assert.deepEqual(written, { ptr: 1024, len: 3 });
  assert.deepEqual(bytesAt(instance, 1023, 5), [0, 1, 2, 3, 0]);
});

test('writeGuestMemory takes every kind of bytes', () => {
  const kinds = [
    Buffer.from([1, 0, 2, 0]),
    Uint16Array.of(1, 2),
    new DataView(Uint8Array.of(1, 0, 2, 0).buffer),
    Uint8Array.of(1, 0, 2, 0).buffer,
    new SharedArrayBuffer(4),
  ];
  new Uint8Array(kinds[4]).set([1, 0, 2, 0]);
  for (const bytes of kinds) {
    const instance = guest();
    const { ptr, len } = writeGuestMemory(bytes, instance);
    assert.deepEqual(bytesAt(instance, ptr, len), [1, 0, 2, 0]);
  }
});

test('writeGuestMemory writes after a growth in alloc, also bytes of the memory itself', () => {
  const instance = guest({
    alloc() {
      instance.exports.memory.grow(1);
      return PAGE;
    },
  });
  const own = new Uint8Array(instance.exports.memory.buffer, 16, 3);
  own.set([5, 6, 7]);
  const { ptr } = writeGuestMemory(own, instance);
  assert.equal(ptr, PAGE);
  assert.deepEqual(bytesAt(instance, PAGE, 3), [5, 6, 7]);
});

test('writeGuestMemory takes pointers as unsigned', () => {
  const far = 2 ** 31;
  const instance = guest({ alloc: () => far | 0 });
  assert.throws(() => writeGuestMemory(new Uint8Array(3), instance),
    guestError(new RegExp(`3 bytes at ${far}, its memory has ${PAGE}`)));
});

test('writeGuestMemory refuses null, blocks outside of the memory, and what is no number', () => {
  const cases = [[0, /no memory for 8 bytes/], [PAGE - 7, /8 bytes at 65529/], [undefined, /no memory/]];
  for (const [ptr, pattern] of cases) {
    const instance = guest({ alloc: () => ptr });
    assert.throws(() => writeGuestMemory(new Uint8Array(8), instance), guestError(pattern));
  }
});

test('missing exports give ERR_GUEST, wrong arguments a TypeError', () => {
  const bytes = new Uint8Array(1);
  const without = (name) => guest({ [name]: undefined });
  assert.throws(() => writeGuestMemory(bytes, without('alloc')), guestError(/no function alloc/));
  assert.throws(() => writeGuestMemory(bytes, without('memory')), guestError(/no memory/));
  assert.throws(() => getPrediction(bytes, bytes, without('infer_from_ptrs')),
    guestError(/no function infer_from_ptrs/));
  const typeError = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  assert.throws(() => writeGuestMemory('bytes', guest()), typeError);
  assert.throws(() => writeGuestMemory(bytes, {}), typeError);
  assert.throws(() => getPrediction(bytes, null, guest()), typeError);
  assert.throws(() => getPrediction(bytes, bytes, guest(), 5), typeError);
});

test('getPrediction gives model and image, each with its own length', () => {
  let seen;
  const instance = guest({
    infer_from_ptrs(...args) {
      seen = [bytesAt(instance, args[0], args[1]), bytesAt(instance, args[2], args[3])];
      return 2;
    },
  });
  assert.equal(getPrediction(Uint8Array.of(1, 2, 3), Buffer.from([4]), instance, ['a', 'b']), 'b');
  assert.deepEqual(seen, [[1, 2, 3], [4]]);
});

test('getPrediction counts classes from 0 where there are no labels', () => {
  const bytes = new Uint8Array(1);
  const instance = guest({ infer_from_ptrs: () => 209 });
  assert.deepEqual(getPrediction(bytes, bytes, instance), { index: 208 });
});

test('getPrediction refuses 0, negative classes and classes beyond the labels', () => {
  const bytes = new Uint8Array(1);
  for (const [result, pattern] of [[0, /gave 0/], [-5, /gave -5/], [3, /class 3, there are 2 labels/]]) {
    const instance = guest({ infer_from_ptrs: () => result });
    assert.throws(() => getPrediction(bytes, bytes, instance, ['a', 'b']), guestError(pattern));
  }
});

test('a guest with last_error gives its text and the code of the number', () => {
  const instance = guest({
    infer_from_ptrs: () => -3,
    last_error() {
      new Uint8Array(instance.exports.memory.buffer).set(Buffer.from('not a picture\0rest'), 8);
      return 8;
    },
  });
  const bytes = new Uint8Array(1);
  assert.throws(() => getPrediction(bytes, bytes, instance),
    guestError(/^not a picture$/, 'ERR_INVALID_IMAGE'));
});

test('a last_error outside of the memory is no text', () => {
  const instance = guest({ infer_from_ptrs: () => -3, last_error: () => -1 });
  const bytes = new Uint8Array(1);
  assert.throws(() => getPrediction(bytes, bytes, instance), guestError(/gave -3/));
});

// (module (func (export "trap") unreachable) (func $f (export "loop") call $f))
const TRAPS = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 3, 2, 0, 0, 7, 15, 2, 4, 116, 114, 97, 112, 0, 0,
  4, 108, 111, 111, 112, 0, 1, 10, 10, 2, 3, 0, 0, 11, 4, 0, 16, 1, 11,
]);

test('traps and overflows of the stack become ERR_GUEST_TRAP, with their cause', () => {
  const { trap, loop } = new WebAssembly.Instance(new WebAssembly.Module(TRAPS)).exports;
  const bytes = new Uint8Array(1);
  for (const [call, type] of [[trap, WebAssembly.RuntimeError], [loop, RangeError]]) {
    const instance = guest({ infer_from_ptrs: () => call() });
    assert.throws(() => getPrediction(bytes, bytes, instance), (error) => {
      guestError(/trapped in infer_from_ptrs/, 'ERR_GUEST_TRAP')(error);
      return error.cause instanceof type;
    });
  }
  assert.throws(() => writeGuestMemory(bytes, guest({ alloc: () => trap() })),
    guestError(/trapped in alloc/, 'ERR_GUEST_TRAP'));
});

test('what a function of the host throws stays as it is', () => {
  const own = new TypeError('mine');
  const instance = guest({
    infer_from_ptrs() {
      throw own;
    },
  });
  const bytes = new Uint8Array(1);
  assert.throws(() => getPrediction(bytes, bytes, instance), (error) => error === own);
});
