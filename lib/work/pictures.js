// Which pictures does a job ask about, and how do their bytes get here?
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { MinnowError } = require('../errors.js');
const { readFile } = require('../io.js');
const { is } = require('../validate.js');

const MAX_PICTURES = 1000;
const MAX_TOP = 1000;
const DEFAULT_TOP = 5;

const invalid = (why) => new MinnowError(`job: ${why}`, 'ERR_INVALID_ARGUMENT');

/** Exactly one of file, url and image. */
function checkPicture(value) {
  const keys = ['file', 'url', 'image'].filter((key) => is.object(value) && is.string(value[key]));
  if (keys.length !== 1) throw invalid('a picture is {"file"}, {"url"} or {"image"} (base64)');
  return { [keys[0]]: value[keys[0]] };
}

/**
 * @param {object} data of the job: one picture, or `{pictures: [...]}`; and `topK`
 * @returns {{pictures: Array<{file?: string, url?: string, image?: string}>, single: boolean,
 *   topK: number}}
 * @throws {MinnowError} ERR_INVALID_ARGUMENT
 */
function readJob(data) {
  if (!is.object(data)) throw invalid('the data are no object');
  const { topK = DEFAULT_TOP, pictures } = data;
  if (!is.integer(topK) || topK < 1 || topK > MAX_TOP) {
    throw invalid(`"topK" must be a whole number from 1 to ${MAX_TOP}`);
  }
  if (pictures === undefined) return { pictures: [checkPicture(data)], single: true, topK };
  if (!Array.isArray(pictures) || pictures.length === 0 || pictures.length > MAX_PICTURES) {
    throw invalid(`"pictures" must be a list of 1 to ${MAX_PICTURES}`);
  }
  return { pictures: pictures.map(checkPicture), single: false, topK };
}

function checkInside(root, full, file) {
  const from = path.relative(root, full);
  if (from !== '..' && !from.startsWith(`..${path.sep}`) && !path.isAbsolute(from)) return;
  throw new MinnowError(`job: ${file} is outside of the folder for files (--root)`, 'ERR_NOT_FOUND');
}

/** A regular file in `root`, also once links are resolved. */
async function readInside(root, file) {
  const full = path.resolve(root, file);
  checkInside(root, full, file);
  let found;
  try {
    found = await fs.promises.realpath(full);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new MinnowError(`no such file: ${file}`, 'ERR_NOT_FOUND', { cause: error });
  }
  checkInside(root, found, file);
  if (!(await fs.promises.stat(found)).isFile()) throw invalid(`${file} is no regular file`);
  return readFile(found);
}

/**
 * Makes a function that gets the bytes of a picture.
 * @param {{root: string, fetchImage: (url: string) => Promise<Buffer>}} from
 * @returns {Promise<(picture: object) => Promise<Buffer>>}
 */
async function makeReader({ root, fetchImage }) {
  const real = await fs.promises.realpath(path.resolve(root));
  return async ({ file, url, image }) => {
    if (file !== undefined) return readInside(real, file);
    return url === undefined ? Buffer.from(image, 'base64') : fetchImage(url);
  };
}

/** How results name a picture: bytes have no name. */
function nameOf({ file, url }) {
  if (file !== undefined) return { file };
  return url === undefined ? {} : { url };
}

module.exports = { makeReader, nameOf, readJob };
