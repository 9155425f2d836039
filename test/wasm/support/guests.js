// The guests that come with minnow, ready to be called.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { WASI } = require('node:wasi');

const GUESTS = path.join(__dirname, '..', '..', '..', 'lib', 'guests');
const compiled = new Map();

/** The path of a guest of lib/guests, or of another folder. */
const guestFile = (name, folder = GUESTS) => path.join(folder, name);

/** A started infer.wasm. */
function startInfer(folder) {
  const file = guestFile('infer.wasm', folder);
  if (!compiled.has(file)) compiled.set(file, new WebAssembly.Module(fs.readFileSync(file)));
  const wasi = new WASI({ version: 'preview1' });
  const instance = new WebAssembly.Instance(compiled.get(file), wasi.getImportObject());
  wasi.start(instance);
  return instance;
}

module.exports = { guestFile, startInfer };
