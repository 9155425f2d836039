// The guests that come with minnow, ready to be called.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { WASI } = require('node:wasi');
const { readGuest } = require('../../../lib/index.js');

const compiled = new Map();

/** The bytes of a guest of the package, or of a folder with rebuilt ones. */
const guestBytes = (name, folder) =>
  folder === undefined ? readGuest(name) : fs.readFileSync(path.join(folder, name));

/** A started infer.wasm. */
function startInfer(folder) {
  if (!compiled.has(folder)) compiled.set(folder, new WebAssembly.Module(guestBytes('infer.wasm', folder)));
  const wasi = new WASI({ version: 'preview1' });
  const instance = new WebAssembly.Instance(compiled.get(folder), wasi.getImportObject());
  wasi.start(instance);
  return instance;
}

module.exports = { guestBytes, startInfer };
