// How much may a file from outside ask for? Defaults and ranges of the `limits` options.
'use strict';

const validate = require('./validate.js');

const MOST_ELEMENTS = 2 ** 31;
const MOST_INT = 2 ** 31 - 1;

/** By name: the default, the least and the most that may be set. */
const LOAD = {
  rank: [8, 0, 8],
  elements: [MOST_ELEMENTS, 1, MOST_ELEMENTS],
  nodes: [16_384, 1, MOST_INT],
  nesting: [400, 1, 400],
  arenaBytes: [2 ** 30, 1, Number.MAX_SAFE_INTEGER],
  loadMs: [60_000, 0, MOST_INT],
};
const PICTURE = {
  scans: [100, 1, MOST_INT],
  chunks: [100_000, 1, MOST_INT],
};
const GUEST = {
  graphs: [64, 0, MOST_ELEMENTS],
  contexts: [256, 0, MOST_ELEMENTS],
  bytes: [2 ** 30, 0, Number.MAX_SAFE_INTEGER],
};

/**
 * Every limit of `tables`, as given or by default.
 * @param {object|undefined} value the option `limits`
 * @param {...object} tables
 * @returns {Object<string, number>}
 * @throws {TypeError|RangeError}
 */
function checkLimits(value, ...tables) {
  const given = validate.options(value, 'limits');
  const table = Object.assign({}, ...tables);
  validate.keys(given, Object.keys(table), 'limits');
  return Object.fromEntries(
    Object.entries(table).map(([name, [otherwise, low, high]]) => [
      name, validate.integer(given[name], `limits.${name}`, low, high, otherwise),
    ]),
  );
}

/** Those of one table. */
function pick(limits, table) {
  return Object.fromEntries(Object.keys(table).map((name) => [name, limits[name]]));
}

module.exports = { GUEST, LOAD, PICTURE, checkLimits, pick };
