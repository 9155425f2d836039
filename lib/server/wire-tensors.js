// How do tensors look in the Open Inference Protocol: as JSON, or as bytes after the JSON?
'use strict';

const { MinnowError } = require('../errors.js');
const { is } = require('../validate.js');

const MAX_RANK = 8;

/** What each datatype is in minnow, and how its numbers are checked. */
const TYPES = {
  BOOL: { dtype: 'bool', Array: Uint8Array },
  UINT8: { dtype: 'u8', Array: Uint8Array },
  UINT16: { dtype: 'u16', Array: Uint16Array },
  UINT32: { dtype: 'u32', Array: Uint32Array },
  UINT64: { dtype: 'u64', Array: BigUint64Array },
  INT8: { dtype: 'i8', Array: Int8Array },
  INT16: { dtype: 'i16', Array: Int16Array },
  INT32: { dtype: 'i32', Array: Int32Array },
  INT64: { dtype: 'i64', Array: BigInt64Array },
  FP16: { dtype: 'f16', Array: Uint16Array },
  FP32: { dtype: 'f32', Array: Float32Array },
  FP64: { dtype: 'f64', Array: Float64Array },
};
const DATATYPES = Object.fromEntries(
  Object.entries(TYPES).map(([name, { dtype }]) => [dtype, name]),
);

const invalid = (why) => new MinnowError(why, 'ERR_INVALID_ARGUMENT');

/** Elements of a shape. @throws {MinnowError} */
function sizeOf(shape, name) {
  const ok = Array.isArray(shape) && shape.length <= MAX_RANK &&
    shape.every((dim) => is.integer(dim) && dim >= 0);
  const size = ok ? shape.reduce((product, dim) => product * dim, 1) : NaN;
  if (!Number.isSafeInteger(size)) {
    throw invalid(`input ${name}: "shape" must be up to ${MAX_RANK} whole numbers`);
  }
  return size;
}

/** Elements of flat or nested arrays, in order; nothing deeper than a shape can be is followed. */
function* flatten(data, depth = 0) {
  for (const item of data) {
    if (Array.isArray(item) && depth < MAX_RANK) yield* flatten(item, depth + 1);
    else yield item;
  }
}

/** Nothing is allocated for a shape before its data are known to be there. */
function checkCount(count, size, name) {
  if (count !== size) throw invalid(`input ${name}: ${count} elements of data for a shape of ${size}`);
}

function toNumber(item, type, name) {
  const big = type.Array === BigInt64Array || type.Array === BigUint64Array;
  const value = type.dtype === 'bool' && typeof item === 'boolean' ? Number(item) : item;
  const whole = type.dtype !== 'f32' && type.dtype !== 'f64';
  if (typeof value !== 'number' || (whole && !is.integer(value))) {
    throw invalid(`input ${name}: ${JSON.stringify(item)?.slice(0, 40)} is no ${DATATYPES[type.dtype]}`);
  }
  return big ? BigInt(value) : value;
}

function fromJson(data, type, size, name) {
  if (type.dtype === 'f16') throw new MinnowError('FP16 has no form in JSON', 'ERR_UNSUPPORTED');
  if (!Array.isArray(data)) throw invalid(`input ${name}: "data" must be an array`);
  const items = data.some(Array.isArray) ? [...flatten(data)] : data;
  checkCount(items.length, size, name);
  return type.Array.from(items, (item) => toNumber(item, type, name));
}

function fromBytes(bytes, type, size, name) {
  if (bytes.length !== size * type.Array.BYTES_PER_ELEMENT) {
    throw invalid(`input ${name}: ${bytes.length} bytes of data for a shape of ${size}`);
  }
  return new type.Array(Uint8Array.from(bytes).buffer);
}

/**
 * A tensor of a request as a feed of Model.run.
 * @param {{name, shape, datatype, data?}} input
 * @param {Buffer|undefined} bytes its part of the binary section
 * @returns {{dtype: string, feed: {data: TypedArray, shape: number[]}}}
 */
function readTensor({ name, shape, datatype, data }, bytes) {
  if (!Object.hasOwn(TYPES, datatype ?? '')) {
    throw invalid(`input ${name}: datatype ${JSON.stringify(datatype)} is not known`);
  }
  const type = TYPES[datatype];
  const size = sizeOf(shape, name);
  const array = bytes === undefined
    ? fromJson(data, type, size, name)
    : fromBytes(bytes, type, size, name);
  return { dtype: type.dtype, feed: { data: array, shape } };
}

/** Elements of a BYTES tensor in the binary section: each behind its length, four bytes. */
function splitBytes(bytes, name) {
  const items = [];
  for (let at = 0; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Infinity;
    if (at + 4 + length > bytes.length) throw invalid(`input ${name}: BYTES data breaks off`);
    items.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return items;
}

/** Base64, bare or as a data: URL. */
function decodeText(text, name) {
  const bare = text.replace(/^data:[\w/+.-]*;base64,/, '');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(bare.replace(/\s+/g, ''))) {
    throw invalid(`input ${name}: an element of BYTES must be base64`);
  }
  return Buffer.from(bare, 'base64');
}

/**
 * The elements of a BYTES tensor.
 * @returns {Buffer[]} as many as its shape says
 */
function readBytes({ name, shape, data }, bytes) {
  const size = sizeOf(shape, name);
  let items;
  if (bytes !== undefined) {
    items = splitBytes(bytes, name);
  } else {
    const texts = Array.isArray(data) ? [...flatten(data)] : [data];
    if (!is.strings(texts)) throw invalid(`input ${name}: "data" of BYTES must be strings`);
    items = texts.map((text) => decodeText(text, name));
  }
  checkCount(items.length, size, name);
  return items;
}

/** The data of an output as JSON has it; 64-bit integers as numbers. */
function toJson(data, dtype) {
  if (dtype === 'bool') return Array.from(data, Boolean);
  return Array.from(data, (value) => (typeof value === 'bigint' ? Number(value) : value));
}

/** The data of an output for the binary section. */
function toBytes(data, datatype) {
  if (datatype !== 'BYTES') return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(data.flatMap((text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  }));
}

module.exports = { DATATYPES, readBytes, readTensor, toBytes, toJson };
