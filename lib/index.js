// What `require('minnow')` gives.
'use strict';

const { MinnowError } = require('./errors.js');
const { MobileNet } = require('./mobilenet.js');
const { Model } = require('./model.js');
const { WasiNN } = require('./wasi-nn.js');

// A process that classifies a picture and ends needs none of these: their files are read at the
// first call (4 of 11 ms).
const quantize = (...args) => require('./quantize.js').quantize(...args);
const runGuest = (...args) => require('./guest.js').runGuest(...args);
const readGuest = (...args) => require('./guest-files.js').readGuest(...args);
const writeGuestMemory = (...args) => require('./guest-memory.js').writeGuestMemory(...args);
const getPrediction = (...args) => require('./guest-memory.js').getPrediction(...args);
const createWasiNnComponentImports = (...args) =>
  require('./wasi-nn-component.js').createWasiNnComponentImports(...args);

module.exports = {
  MobileNet,
  Model,
  quantize,
  WasiNN,
  runGuest,
  readGuest,
  writeGuestMemory,
  getPrediction,
  createWasiNnComponentImports,
  MinnowError,
};
