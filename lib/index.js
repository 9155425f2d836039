// What `require('minnow')` gives.
'use strict';

const { MinnowError } = require('./errors.js');
const { runGuest } = require('./guest.js');
const { MobileNet } = require('./mobilenet.js');
const { Model } = require('./model.js');
const { WasiNN } = require('./wasi-nn.js');

module.exports = { MobileNet, Model, WasiNN, runGuest, MinnowError };
