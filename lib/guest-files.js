// Where are the WebAssembly guests that come with minnow?
'use strict';

const path = require('node:path');
const { brotliDecompressSync } = require('node:zlib');
const { readFileSync } = require('./io.js');
const { oneOf } = require('./validate.js');

const FOLDER = path.join(__dirname, 'guests');
const NAMES = ['infer.wasm', 'classify-nn.wasm'];

/** Whether a guest of that name comes with minnow. */
const isGuestName = (name) => NAMES.includes(name);

/**
 * Gives the bytes of a guest that comes with minnow: a WebAssembly module for WASI preview 1. They
 * lie in the package with Brotli, at a quarter of their size; this takes some 10 ms. Synchronous.
 *
 * @param {'infer.wasm'|'classify-nn.wasm'} name the guest's
 * @returns {Uint8Array} the .wasm file
 * @throws {TypeError|RangeError} no such name
 * @example
 * const compiled = new WebAssembly.Module(readGuest('infer.wasm'));
 * console.log(WebAssembly.Module.exports(compiled).length);
 */
function readGuest(name) {
  const file = `${oneOf(name, 'name', NAMES)}.br`;
  return brotliDecompressSync(readFileSync(path.join(FOLDER, file)));
}

module.exports = { isGuestName, readGuest };
