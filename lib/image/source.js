// What may an image be, and how does it reach the addon?
'use strict';

const { fileURLToPath } = require('node:url');
const { readFile, readFileSync } = require('../io.js');
const { is, integer, outOfRange, wrongType } = require('../validate.js');

const EXPECTED = 'a path, a file: URL, a Uint8Array or {data, width, height, channels}';
const MAX_SIDE = 1 << 24;

function pixels(image) {
  if (!is.bytes(image.data)) throw wrongType('a Uint8Array', 'image.data', image.data);
  const width = integer(image.width, 'image.width', 1, MAX_SIDE);
  const height = integer(image.height, 'image.height', 1, MAX_SIDE);
  const channels = image.channels ?? image.data.length / (width * height);
  if (![1, 3, 4].includes(channels)) throw outOfRange('1, 3 or 4', 'image.channels', channels);
  const needed = width * height * channels;
  if (image.data.length !== needed) {
    const expected = `${needed} bytes (width x height x channels)`;
    throw outOfRange(expected, 'image.data.length', image.data.length);
  }
  return { data: image.data, width, height, channels };
}

/**
 * Checks an image argument.
 * @param {string|URL|Uint8Array|ArrayBuffer|{data: Uint8Array, width: number, height: number,
 *   channels?: 1|3|4}} image
 * @returns {{file: string|undefined, value: object|undefined}} a path to read, or what the addon
 *   takes
 * @throws {TypeError|RangeError}
 */
function checkImage(image) {
  if (is.string(image)) return { file: image, value: undefined };
  if (is.url(image)) {
    if (image.protocol !== 'file:') throw outOfRange('a file: URL', 'image', image.href);
    return { file: fileURLToPath(image), value: undefined };
  }
  if (is.bytes(image)) return { file: undefined, value: image };
  if (is.buffer(image)) return { file: undefined, value: new Uint8Array(image) };
  if (is.object(image) && 'data' in image) return { file: undefined, value: pixels(image) };
  throw wrongType(EXPECTED, 'image', image);
}

/** The name under which results speak of an image: its path, else undefined. */
function nameOf(image) {
  if (is.string(image)) return image;
  return is.url(image) && image.protocol === 'file:' ? fileURLToPath(image) : undefined;
}

/** @returns {object|Promise<object>} what the addon takes; a promise only where a file is read */
function openImage(image, signal) {
  const { file, value } = checkImage(image);
  return file === undefined ? value : readFile(file, signal);
}

/** A view on memory that other threads may write to is copied: the addon borrows what it gets. */
function privateBytes(view) {
  return view.buffer instanceof SharedArrayBuffer ? view.slice() : view;
}

/** @returns {object} what the addon takes */
function openImageSync(image) {
  const { file, value } = checkImage(image);
  if (file !== undefined) return readFileSync(file);
  if (is.bytes(value)) return privateBytes(value);
  return { ...value, data: privateBytes(value.data) };
}

module.exports = { nameOf, openImage, openImageSync };
