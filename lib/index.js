// What `require('minnow')` gives.
'use strict';

const { MinnowError } = require('./errors.js');
const { MobileNet } = require('./mobilenet.js');
const { Model } = require('./model.js');

module.exports = { MobileNet, Model, MinnowError };
