// What `require('minnow')` gives.
'use strict';

const { MinnowError } = require('./errors.js');
const { runGuest } = require('./guest.js');
const { getPrediction, writeGuestMemory } = require('./guest-memory.js');
const { MobileNet } = require('./mobilenet.js');
const { Model } = require('./model.js');
const { quantize } = require('./quantize.js');
const { WasiNN } = require('./wasi-nn.js');
const { createWasiNnComponentImports } = require('./wasi-nn-component.js');

module.exports = {
  MobileNet,
  Model,
  quantize,
  WasiNN,
  runGuest,
  writeGuestMemory,
  getPrediction,
  createWasiNnComponentImports,
  MinnowError,
};
