// Is an argument what it should be? Named predicates and one error formula:
//   Expected X for Y but received Z of type T
'use strict';

const { inspect, types } = require('node:util');

const is = {
  string: (v) => typeof v === 'string' && v !== '',
  object: (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
  number: (v) => typeof v === 'number' && Number.isFinite(v),
  integer: (v) => Number.isSafeInteger(v),
  url: (v) => v instanceof URL,
  typedArray: (v) => types.isTypedArray(v),
  bytes: (v) => types.isUint8Array(v) || types.isUint8ClampedArray(v),
  buffer: (v) => types.isAnyArrayBuffer(v),
  signal: (v) => v instanceof AbortSignal,
  iterable: (v) =>
    v !== null && v !== undefined && typeof v !== 'string' &&
    (typeof v[Symbol.iterator] === 'function' || typeof v[Symbol.asyncIterator] === 'function'),
  strings: (v) => Array.isArray(v) && v.every((item) => typeof item === 'string'),
  triple: (v) => Array.isArray(v) && v.length === 3 && v.every(is.number),
};

function typeName(value) {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return value.constructor?.name ?? 'object';
}

function show(value) {
  const limits = { depth: 0, maxArrayLength: 4, maxStringLength: 40, breakLength: Infinity };
  const text = inspect(value, limits);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function message(expected, name, value) {
  return `Expected ${expected} for ${name} but received ${show(value)} of type ${typeName(value)}`;
}

/** A TypeError with code ERR_INVALID_ARG_TYPE, by the formula. */
function wrongType(expected, name, value) {
  return Object.assign(new TypeError(message(expected, name, value)), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** A RangeError with code ERR_OUT_OF_RANGE, by the formula. */
function outOfRange(expected, name, value) {
  return Object.assign(new RangeError(message(expected, name, value)), { code: 'ERR_OUT_OF_RANGE' });
}

/** Options objects may be left out; anything else that is no object is an error. */
function options(value, name = 'options') {
  if (value === undefined) return {};
  if (!is.object(value)) throw wrongType('an object', name, value);
  return value;
}

/** An integer within [low, high], or `otherwise` when undefined. */
function integer(value, name, low, high, otherwise) {
  if (value === undefined && otherwise !== undefined) return otherwise;
  const expected = `an integer from ${low} to ${high}`;
  if (typeof value !== 'number') throw wrongType(expected, name, value);
  if (!is.integer(value) || value < low || value > high) throw outOfRange(expected, name, value);
  return value;
}

/** One of a list of strings, or `otherwise` when undefined. */
function oneOf(value, name, list, otherwise) {
  if (value === undefined && otherwise !== undefined) return otherwise;
  const expected = `one of ${list.map((item) => `'${item}'`).join(', ')}`;
  if (typeof value !== 'string') throw wrongType(expected, name, value);
  if (!list.includes(value)) throw outOfRange(expected, name, value);
  return value;
}

/** No other keys than these. */
function keys(object, known, name) {
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) throw outOfRange(`only ${known.join(', ')}`, name, key);
  }
}

/** An AbortSignal or undefined. */
function signal(value) {
  if (value !== undefined && !is.signal(value)) throw wrongType('an AbortSignal', 'signal', value);
  return value;
}

module.exports = { is, wrongType, outOfRange, options, integer, keys, oneOf, signal };
