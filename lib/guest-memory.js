// How do bytes get into a guest's memory, and a class out of a guest that exports alloc and
// infer_from_ptrs?
'use strict';

const { MinnowError } = require('./errors.js');
const { labelOf, loadLabelsSync } = require('./labels.js');
const { is, wrongType, outOfRange } = require('./validate.js');

const MAX_POINTER = 2 ** 32;
// What a guest with last_error means by -1, -2, …: the engine's codes in their order.
const GUEST_CODES = [
  'ERR_INVALID_ARGUMENT', 'ERR_INVALID_MODEL', 'ERR_INVALID_IMAGE', 'ERR_UNSUPPORTED',
  'ERR_NOT_FOUND', 'ERR_OUT_OF_MEMORY', 'ERR_BUSY', 'ERR_CANCELLED', 'ERR_INTERNAL',
];
const MAX_ERROR_TEXT = 4096;

function guestError(message) {
  return new MinnowError(message, 'ERR_GUEST');
}

/** The bytes that a view shows, not the pool it may lie in. */
function toBytes(value, name) {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (is.buffer(value)) return new Uint8Array(value);
  throw wrongType('a typed array, a Buffer or an ArrayBuffer', name, value);
}

function exportsOf(instance) {
  if (!is.object(instance) || !is.object(instance.exports)) {
    throw wrongType('a WebAssembly.Instance', 'instance', instance);
  }
  const { exports } = instance;
  if (!is.buffer(exports.memory?.buffer)) throw guestError('the guest exports no memory');
  return exports;
}

function functionOf(exports, name) {
  const value = exports[name];
  if (typeof value !== 'function') throw guestError(`the guest exports no function ${name}`);
  return value;
}

/** Calls an export; what ends the guest becomes a MinnowError, what a host function threw stays. */
function callGuest(exports, name, args) {
  const call = functionOf(exports, name);
  try {
    return call(...args);
  } catch (error) {
    // A RangeError without a code is a stack that ran over; node:wasi throws a symbol at proc_exit.
    const trapped =
      error instanceof WebAssembly.RuntimeError ||
      (error instanceof RangeError && error.code === undefined);
    if (!trapped && typeof error !== 'symbol') throw error;
    const reason = trapped ? error.message : 'it exited';
    throw new MinnowError(`the guest trapped in ${name}: ${reason}`, 'ERR_GUEST_TRAP', {
      cause: error,
    });
  }
}

function allocate(exports, len) {
  const result = callGuest(exports, 'alloc', [len]);
  // Pointers are unsigned, Wasm's numbers are not.
  const ptr = typeof result === 'number' ? result >>> 0 : 0;
  if (ptr === 0) throw guestError(`the guest's alloc gave no memory for ${len} bytes`);
  // Read now: alloc may have grown the memory.
  const size = exports.memory.buffer.byteLength;
  if (ptr + len > size) {
    throw guestError(`the guest's alloc gave ${len} bytes at ${ptr}, its memory has ${size}`);
  }
  return ptr;
}

/**
 * Copies bytes into memory that the guest's `alloc(len)` gives.
 *
 * @param {TypedArray|DataView|ArrayBufferLike} bytes of a view, only what it shows; below 4 GiB
 * @param {WebAssembly.Instance} instance exports `memory` and `alloc`
 * @returns {{ptr: number, len: number}} where they are now, unsigned. They belong to the guest
 * @throws {TypeError} wrong arguments
 * @throws {MinnowError} ERR_GUEST (an export is missing, no memory, a block outside of it),
 *   ERR_GUEST_TRAP
 * @example
 * const memory = new WebAssembly.Memory({ initial: 1 });
 * const instance = { exports: { memory, alloc: () => 1024 } };
 * console.log(writeGuestMemory(Buffer.from('hello'), instance)); // { ptr: 1024, len: 5 }
 */
function writeGuestMemory(bytes, instance) {
  let source = toBytes(bytes, 'bytes');
  const exports = exportsOf(instance);
  const len = source.byteLength;
  if (len >= MAX_POINTER) throw outOfRange('less than 4 GiB', 'bytes.byteLength', len);
  // A view of the guest's own memory would be detached by alloc.
  if (source.buffer === exports.memory.buffer) source = source.slice();
  const ptr = allocate(exports, len);
  new Uint8Array(exports.memory.buffer, ptr, len).set(source);
  return { ptr, len };
}

/** The C string that `last_error` gives; '' for guests without it. */
function lastErrorOf(exports) {
  if (typeof exports.last_error !== 'function') return '';
  const ptr = callGuest(exports, 'last_error', []) >>> 0;
  const { buffer } = exports.memory;
  const length = Math.min(MAX_ERROR_TEXT, Math.max(0, buffer.byteLength - ptr));
  // Copied: TextDecoder takes no shared memory.
  const text = Buffer.from(new Uint8Array(buffer, length === 0 ? 0 : ptr, length));
  const end = text.indexOf(0);
  return text.toString('utf8', 0, end < 0 ? text.length : end);
}

function failure(exports, result) {
  const text = lastErrorOf(exports);
  const code = text === '' ? undefined : GUEST_CODES[-result - 1];
  if (code !== undefined) return new MinnowError(text, code);
  return guestError(`infer_from_ptrs gave ${result}, a class counts from 1`);
}

/**
 * Asks a guest that exports `alloc` and `infer_from_ptrs` what is in a picture. Model and image are
 * copied to the guest anew for each call, since the guest frees them. Synchronous.
 *
 * After ERR_GUEST_TRAP (a damaged image may end so) use a new instance.
 *
 * @param {TypedArray|ArrayBufferLike} modelBytes what the guest takes for a model: for
 *   `readGuest('infer.wasm')` a frozen TensorFlow graph or ONNX
 * @param {TypedArray|ArrayBufferLike} imageBytes a JPEG or PNG
 * @param {WebAssembly.Instance} instance after `wasi.start(instance)`
 * @param {string|URL|string[]} [labels] as for MobileNet.load
 * @returns {string|{index: number}} the label of the best class; without labels its index, from 0
 * @throws {TypeError} wrong arguments
 * @throws {MinnowError} ERR_GUEST (the guest broke the contract, or gave a class without a label),
 *   ERR_GUEST_TRAP; from infer.wasm also ERR_INVALID_MODEL, ERR_INVALID_IMAGE, ERR_UNSUPPORTED,
 *   ERR_OUT_OF_MEMORY
 * @example
 * const memory = new WebAssembly.Memory({ initial: 1 });
 * const exports = { memory, alloc: () => 1024, infer_from_ptrs: () => 2 };
 * const label = getPrediction(new Uint8Array(4), new Uint8Array(4), { exports }, ['cat', 'dog']);
 * console.log(label); // dog
 */
function getPrediction(modelBytes, imageBytes, instance, labels) {
  const model = toBytes(modelBytes, 'modelBytes');
  const image = toBytes(imageBytes, 'imageBytes');
  const exports = exportsOf(instance);
  functionOf(exports, 'infer_from_ptrs');
  const names = labels === undefined ? null : loadLabelsSync(labels, null);
  const first = writeGuestMemory(model, instance);
  const second = writeGuestMemory(image, instance);
  const args = [first.ptr, first.len, second.ptr, second.len];
  const result = callGuest(exports, 'infer_from_ptrs', args);
  if (!is.integer(result) || result < 1) throw failure(exports, result);
  const index = result - 1;
  if (names === null) return { index };
  if (index >= names.length) {
    throw guestError(`infer_from_ptrs gave class ${result}, there are ${names.length} labels`);
  }
  return labelOf(names, index);
}

module.exports = { getPrediction, writeGuestMemory };
