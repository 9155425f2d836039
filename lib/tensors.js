// How do typed arrays become the inputs and outputs of a network?
'use strict';

const { MinnowError } = require('./errors.js');
const { is, outOfRange, wrongType } = require('./validate.js');

/** The typed array of each dtype; f16 is given as its bits, bool as 0 and 1. */
const ARRAYS = Object.freeze({
  f32: Float32Array,
  f16: Uint16Array,
  f64: Float64Array,
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  bool: Uint8Array,
});

function checkArray(array, dtype, name) {
  const wanted = ARRAYS[dtype];
  const fits = array instanceof wanted || (wanted === Uint8Array && is.bytes(array));
  if (!fits) throw wrongType(`a ${wanted.name} (${dtype})`, name, array);
  return array;
}

/** The declared shape with its one open dimension worked out from the number of elements. */
function inferShape(info, length, name) {
  const open = info.shape.filter((dim) => dim === -1).length;
  const rest = info.shape.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  if (open > 1) throw wrongType('a shape, since several dimensions are open', `${name}.shape`, undefined);
  const batch = rest === 0 ? 0 : length / rest;
  if (open === 0 ? length !== rest : !Number.isInteger(batch)) {
    const multiple = open === 0 ? '' : 'a multiple of ';
    throw outOfRange(`${multiple}${rest} elements`, `${name}.data.length`, length);
  }
  return info.shape.map((dim) => (dim === -1 ? batch : dim));
}

function checkShape(shape, info, length, name) {
  if (!Array.isArray(shape) || !shape.every((dim) => is.integer(dim) && dim >= 0)) {
    throw wrongType('an array of integers of at least 0', `${name}.shape`, shape);
  }
  const elements = shape.reduce((product, dim) => product * dim, 1);
  if (elements !== length) {
    throw outOfRange(`${elements} elements for shape [${shape}]`, `${name}.data.length`, length);
  }
  const fits =
    shape.length === info.shape.length &&
    shape.every((dim, axis) => info.shape[axis] === -1 || info.shape[axis] === dim);
  if (!fits) {
    const declared = info.shape.map((dim) => (dim === -1 ? '?' : dim));
    throw outOfRange(`a shape like [${declared}]`, `${name}.shape`, shape);
  }
  return [...shape];
}

function unknownNames(given, infos, what) {
  const known = infos.map((info) => info.name);
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw new MinnowError(
        `run: no ${what} named '${name}'; there are ${known.map((item) => `'${item}'`).join(', ')}`,
        'ERR_NOT_FOUND',
      );
    }
  }
}

/**
 * Checks the feeds of a run.
 * @param {Object<string, {data: TypedArray, shape?: number[]}|TypedArray>} feeds by input name
 * @param {Array<{name: string, dtype: string, shape: number[]}>} inputs
 * @returns {Array<{data: TypedArray, shape: number[]}>} in the model's order
 */
function checkFeeds(feeds, inputs) {
  if (!is.object(feeds)) throw wrongType('an object of tensors by input name', 'feeds', feeds);
  unknownNames(feeds, inputs, 'input');
  return inputs.map((info) => {
    const name = `feeds['${info.name}']`;
    const feed = feeds[info.name];
    const array = is.typedArray(feed) ? feed : feed?.data;
    checkArray(array, info.dtype, is.typedArray(feed) || feed === undefined ? name : `${name}.data`);
    const shape = is.typedArray(feed) ? undefined : feed.shape;
    const full =
      shape === undefined
        ? inferShape(info, array.length, name)
        : checkShape(shape, info, array.length, name);
    return { data: array, shape: full };
  });
}

/**
 * Checks the preallocated outputs of a run.
 * @param {Object<string, TypedArray>|undefined} out by output name; some or all
 * @param {Array<{name: string, dtype: string}>} outputs
 * @returns {Array<TypedArray|undefined>} in the model's order
 */
function checkOut(out, outputs) {
  if (out === undefined) return [];
  if (!is.object(out)) throw wrongType('an object of typed arrays by output name', 'out', out);
  unknownNames(out, outputs, 'output');
  return outputs.map((info) =>
    out[info.name] === undefined
      ? undefined
      : checkArray(out[info.name], info.dtype, `out['${info.name}']`),
  );
}

/** From the addon's list to an object by output name. */
function nameResults(results, outputs) {
  return Object.fromEntries(
    results.map((result, i) => [outputs[i].name, { ...result, dtype: outputs[i].dtype }]),
  );
}

module.exports = { checkFeeds, checkOut, nameResults };
