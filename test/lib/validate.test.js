// Do wrong arguments give errors that say what was expected, where, and what came?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const validate = require('../../lib/validate.js');

test('a wrong type is a TypeError by the formula, with a code', () => {
  const error = validate.wrongType('a number', 'topK', 'five');
  assert.ok(error instanceof TypeError);
  assert.equal(error.code, 'ERR_INVALID_ARG_TYPE');
  assert.equal(error.message, "Expected a number for topK but received 'five' of type string");
});

test('a value out of range is a RangeError by the formula, with a code', () => {
  const error = validate.outOfRange('1 to 5', 'topK', 9);
  assert.ok(error instanceof RangeError);
  assert.equal(error.code, 'ERR_OUT_OF_RANGE');
  assert.equal(error.message, 'Expected 1 to 5 for topK but received 9 of type number');
});

test('the formula shortens values that are long', () => {
  const error = validate.wrongType('a path', 'image', new Array(10_000).fill('x'.repeat(100)));
  assert.ok(error.message.length < 200, error.message);
  assert.match(error.message, /of type Array$/);
});

test('the formula names null and functions', () => {
  assert.match(validate.wrongType('x', 'y', null).message, /received null of type null$/);
  assert.match(validate.wrongType('x', 'y', () => {}).message, /of type function$/);
});

test('integer tells a wrong type from a wrong value', () => {
  assert.equal(validate.integer(3, 'n', 1, 5), 3);
  assert.equal(validate.integer(undefined, 'n', 1, 5, 4), 4);
  assert.throws(() => validate.integer('3', 'n', 1, 5), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const value of [0, 6, 1.5, NaN, Infinity]) {
    assert.throws(() => validate.integer(value, 'n', 1, 5), { code: 'ERR_OUT_OF_RANGE' });
  }
});

test('oneOf lists what there is', () => {
  assert.equal(validate.oneOf('a', 'mode', ['a', 'b']), 'a');
  assert.throws(() => validate.oneOf('c', 'mode', ['a', 'b']), {
    code: 'ERR_OUT_OF_RANGE',
    message: "Expected one of 'a', 'b' for mode but received 'c' of type string",
  });
});

test('options may be left out but not be anything else', () => {
  assert.deepEqual(validate.options(undefined), {});
  for (const value of [null, 1, 'x', []]) {
    assert.throws(() => validate.options(value), { code: 'ERR_INVALID_ARG_TYPE' });
  }
});

test('a signal is an AbortSignal or absent', () => {
  const { signal } = new AbortController();
  assert.equal(validate.signal(signal), signal);
  assert.equal(validate.signal(undefined), undefined);
  assert.throws(() => validate.signal({ aborted: false }), { code: 'ERR_INVALID_ARG_TYPE' });
});
