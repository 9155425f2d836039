// Where is the test data, and what does a test say when it is not there?
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const DATA = process.env.MINNOW_TEST_DATA ?? path.join(__dirname, '..', '..', '..', '..', 'shared', 'data');

const dataFile = (...parts) => path.join(DATA, ...parts);

/** The `skip` option of node:test: false, or which file is missing. */
function skipWithout(...files) {
  const missing = files.find((file) => !fs.existsSync(dataFile(file)));
  return missing === undefined ? false : `no ${missing} in MINNOW_TEST_DATA`;
}

/** An array of numpy's .npy format, version 1: {data, shape}; f4 and u1 only. */
function readNpy(file) {
  const bytes = fs.readFileSync(file);
  const headerEnd = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, headerEnd);
  const shape = /'shape': \(([^)]*)\)/.exec(header)[1].split(',').filter((s) => s.trim()).map(Number);
  const body = bytes.subarray(headerEnd);
  const copy = body.buffer.slice(body.byteOffset, body.byteOffset + body.length);
  const type = /'descr': '[<|]?(\w+)'/.exec(header)[1];
  const Type = { f4: Float32Array, f8: Float64Array, u1: Uint8Array }[type];
  return { data: new Type(copy), shape };
}

module.exports = { dataFile, readNpy, skipWithout };
