// Which files are in a tar archive? Reads only what it is asked for, and writes nothing itself.
'use strict';

const { MinnowError } = require('./errors.js');

const BLOCK = 512;
const MAX_HEADER_BYTES = 1 << 20;
const FILE = new Set(['0', '\0', '7']);
const LONG_NAME = 'L';
const EXTENDED = 'x';

const malformed = (why) => new MinnowError(`tar: ${why}`, 'ERR_INVALID_MODEL');

/** Text up to the first NUL. */
function textAt(block, at, length) {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** A number in octal digits, or in binary where its first bit is set. */
function numberAt(block, at, length) {
  if (block[at] & 0x80) {
    let value = block[at] & 0x7f;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + block[i];
    if (!Number.isSafeInteger(value)) throw malformed('a size is too large');
    return value;
  }
  const text = textAt(block, at, length).trim();
  if (!/^[0-7]*$/.test(text)) throw malformed('a number is malformed');
  return text === '' ? 0 : parseInt(text, 8);
}

function checkSum(block) {
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i];
  if (sum !== numberAt(block, 148, 8)) throw malformed('a header has the wrong checksum');
}

/** @returns {{name: string, size: number, type: string}|null} null for a block of zeros */
function parseHeader(block) {
  if (block.every((byte) => byte === 0)) return null;
  checkSum(block);
  const prefix = textAt(block, 257, 5) === 'ustar' ? textAt(block, 345, 155) : '';
  const name = textAt(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: numberAt(block, 124, 12),
    type: String.fromCharCode(block[156]),
  };
}

/** The records of a pax header, "LENGTH KEY=VALUE\n" each. */
function parseExtended(bytes) {
  const records = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, Math.max(space, at)));
    if (space < 0 || !(length > space - at) || at + length > bytes.length) {
      throw malformed('an extended header is malformed');
    }
    const [key, ...value] = bytes.toString('utf8', space + 1, at + length - 1).split('=');
    records[key] = value.join('=');
    at += length;
  }
  return records;
}

/** Hands out a stream of buffers in the lengths that are asked for. */
class Reader {
  #iterator;
  #rest = Buffer.alloc(0);

  constructor(stream) {
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  /** From 1 to `limit` bytes, or null at the end. */
  async some(limit) {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#iterator.next();
      if (done) return null;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  /** Exactly `length` bytes, or null when the stream has ended before the first of them. */
  async exactly(length) {
    const parts = [];
    for (let left = length; left > 0; ) {
      const part = await this.some(left);
      if (part === null && left === length) return null;
      if (part === null) throw malformed('the archive breaks off');
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Passes `length` bytes to `sink`, then drops the padding. */
  async body(length, sink) {
    for (let left = length; left > 0; ) {
      const part = await this.some(left);
      if (part === null) throw malformed('the archive breaks off');
      await sink(part);
      left -= part.length;
    }
    for (let left = (BLOCK - (length % BLOCK)) % BLOCK; left > 0; ) {
      const part = await this.some(left);
      if (part === null) throw malformed('the archive breaks off');
      left -= part.length;
    }
  }
}

/**
 * Walks through an archive (ustar, pax, GNU long names).
 * @param {AsyncIterable<Buffer>} stream not compressed
 * @param {(name: string, size: number) => null|{write: (bytes: Buffer) => Promise<void>,
 *   end: () => Promise<void>}} open called for each regular file, its name without a leading "./";
 *   null skips it. Links, devices and folders are never opened
 * @throws {MinnowError} ERR_INVALID_MODEL when the archive is malformed
 */
async function walkTar(stream, open) {
  const reader = new Reader(stream);
  let changes = {};
  for (;;) {
    const block = await reader.exactly(BLOCK);
    const header = block === null ? null : parseHeader(block);
    if (header === null) return;
    if (header.type === LONG_NAME || header.type === EXTENDED) {
      if (header.size > MAX_HEADER_BYTES) throw malformed('an extended header is too long');
      const chunks = [];
      await reader.body(header.size, async (bytes) => chunks.push(bytes));
      const bytes = Buffer.concat(chunks);
      const more = header.type === EXTENDED
        ? parseExtended(bytes)
        : { path: textAt(bytes, 0, bytes.length) };
      changes = { ...changes, ...more };
      continue;
    }
    const name = (changes.path ?? header.name).replace(/^(?:\.\/)+/, '');
    const size = changes.size === undefined ? header.size : Number(changes.size);
    if (!Number.isSafeInteger(size) || size < 0) throw malformed('a size is malformed');
    changes = {};
    const sink = FILE.has(header.type) ? open(name, size) : null;
    await reader.body(size, async (bytes) => sink?.write(bytes));
    await sink?.end();
  }
}

module.exports = { walkTar };
