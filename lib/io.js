// How are files read, so that a missing one has minnow's code, and written whole?
'use strict';

const fs = require('node:fs');
const { MinnowError } = require('./errors.js');

/** ENOENT becomes ERR_NOT_FOUND; other file-system errors keep their own code. */
function translate(error) {
  if (error?.code !== 'ENOENT' && error?.code !== 'ENOTDIR') return error;
  return new MinnowError(`no such file: ${error.path}`, 'ERR_NOT_FOUND', { cause: error });
}

/**
 * @param {string|URL} file
 * @param {AbortSignal} [signal]
 * @returns {Promise<Buffer>}
 */
async function readFile(file, signal) {
  try {
    return await fs.promises.readFile(file, { signal });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw translate(error);
  }
}

/** @returns {Buffer} */
function readFileSync(file) {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw translate(error);
  }
}

/**
 * Writes a file, or leaves none: half of one could be taken for a whole one.
 * @param {string} file
 * @param {Uint8Array} bytes
 * @returns {Promise<void>}
 */
async function writeWhole(file, bytes) {
  try {
    await fs.promises.writeFile(file, bytes);
  } catch (error) {
    const isFile = await fs.promises.stat(file).then((stats) => stats.isFile(), () => false);
    if (isFile) await fs.promises.rm(file, { force: true });
    throw error;
  }
}

module.exports = { readFile, readFileSync, writeWhole };
