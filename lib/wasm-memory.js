// How is the memory that a WebAssembly module may grow to bounded from outside?
'use strict';

const { MinnowError } = require('./errors.js');

const PAGE_BYTES = 65_536;
const MEMORY_SECTION = 5;
const HEADER_BYTES = 8;
const HAS_MAXIMUM = 1;

function encode(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

/** Reads the numbers of a module that WebAssembly.Module has accepted. */
class Reader {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  number() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
}

/** The limits of one memory, again, with a maximum of at most `maxPages`. */
function limited(reader, maxPages) {
  const flags = reader.number();
  const minimum = reader.number();
  const maximum = flags & HAS_MAXIMUM ? reader.number() : Infinity;
  if (minimum > maxPages) {
    throw new MinnowError(
      `the guest begins with ${minimum * PAGE_BYTES} bytes of memory, maxMemory allows ` +
        `${maxPages * PAGE_BYTES}`,
      'ERR_OUT_OF_MEMORY',
    );
  }
  return [flags | HAS_MAXIMUM, ...encode(minimum), ...encode(Math.min(maximum, maxPages))];
}

/**
 * A module whose memories have a maximum: `memory.grow` beyond it fails inside the guest, which
 * finds no memory, as it would where the machine had none.
 * @param {Uint8Array} bytes a valid module
 * @param {number} maxBytes of each memory; whole pages of 64 KiB count
 * @returns {Uint8Array} `bytes` where the module defines no memory
 * @throws {MinnowError} ERR_OUT_OF_MEMORY when it wants more to begin with
 */
function limitMemory(bytes, maxBytes) {
  const reader = new Reader(bytes, HEADER_BYTES);
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = reader.number();
    const length = reader.number();
    const end = reader.at + length;
    if (id === MEMORY_SECTION) {
      const memories = Array.from({ length: reader.number() }, () =>
        limited(reader, Math.floor(maxBytes / PAGE_BYTES)));
      const body = [...encode(memories.length), ...memories.flat()];
      return Buffer.concat([
        bytes.subarray(0, start),
        Buffer.from([id, ...encode(body.length), ...body]),
        bytes.subarray(end),
      ]);
    }
    reader.at = end;
  }
  return bytes;
}

module.exports = { limitMemory };
