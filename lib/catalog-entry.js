// Is a model.json what an entry of the catalog should be? Its words decide paths, URLs and how
// pixels are read, so that none is used before it was looked at.
'use strict';

const path = require('node:path');
const { checkPreprocess, RESIZE_MODES } = require('./image/preprocess.js');
const { is } = require('./validate.js');

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
const MOST_NAME_BYTES = 200;
const HEX_DIGITS = { sha256: 64, sha384: 96, sha512: 128 };
const DIGESTS = Object.keys(HEX_DIGITS);

/** A name of a file right inside a folder; ".part" may come behind it. */
function isPlainName(value) {
  return is.string(value) && path.basename(value) === value && !/^\.|[\\\0]/.test(value) &&
    Buffer.byteLength(value) <= MOST_NAME_BYTES;
}

/** The last part of a download's URL: its name in a folder or on a mirror. */
function nameOf({ url }) {
  return decodeURIComponent(path.posix.basename(new URL(url).pathname));
}

function isFetchable(download) {
  try {
    return /^https?:$/.test(new URL(download.url).protocol) && isPlainName(nameOf(download));
  } catch {
    return false;
  }
}

function isDigest(download, algorithm) {
  const digest = download[algorithm];
  if (digest === undefined) return true;
  return is.string(digest) && /^[0-9a-f]+$/i.test(digest) && digest.length === HEX_DIGITS[algorithm];
}

function isPreprocess(value) {
  try {
    checkPreprocess(value);
    return true;
  } catch {
    return false;
  }
}

const isText = (value) => value === undefined || typeof value === 'string';
const isSize = (value) => value === undefined || (is.integer(value) && value >= 0);

/** What is wrong with a download, or ''. */
function wrongWithDownload(download) {
  if (!is.object(download)) return 'is no object';
  if (!isFetchable(download)) return 'has no "url" of a file, http: or https:';
  if (!isSize(download.bytes)) return 'has "bytes" that are no size';
  const wrong = DIGESTS.find((algorithm) => !isDigest(download, algorithm));
  if (wrong !== undefined) return `has a "${wrong}" that is none`;
  if (download.as !== undefined && !isPlainName(download.as)) return 'has an "as" that is no file name';
  const { extract } = download;
  if (extract === undefined) return '';
  const members = is.object(extract) ? Object.values(extract) : [];
  return members.length > 0 && members.every(isPlainName) ? '' : 'has an "extract" that names no files';
}

/**
 * @param {unknown} json what a model.json holds
 * @returns {string} what is wrong, or ''
 */
function wrongWithEntry(json) {
  if (!is.object(json)) return 'not an object';
  const files = Array.isArray(json.file) ? json.file : [json.file];
  if (files.length === 0 || !files.every(isPlainName)) {
    return '"file" must name files in the same folder';
  }
  if (json.labels !== undefined && !isPlainName(json.labels)) {
    return '"labels" must name a file in the same folder';
  }
  if (json.name !== undefined && !(is.string(json.name) && NAME.test(json.name))) {
    return '"name" must be letters, digits, dots, dashes and underscores';
  }
  const text = ['format', 'description', 'license', 'source'].find((key) => !isText(json[key]));
  if (text !== undefined) return `"${text}" must be text`;
  if (!isSize(json.bytes)) return '"bytes" must be a size';
  if (json.resize !== undefined && !RESIZE_MODES.includes(json.resize)) {
    return `"resize" must be one of ${RESIZE_MODES.join(', ')}`;
  }
  if (!isPreprocess(json.preprocess)) return '"preprocess" is no kind of preprocessing';
  const { downloads = [], labels_download: labels } = json;
  if (!Array.isArray(downloads)) return '"downloads" must be a list';
  for (const download of labels === undefined ? downloads : [...downloads, labels]) {
    const wrong = wrongWithDownload(download);
    if (wrong !== '') return `a download ${wrong}`;
  }
  return '';
}

module.exports = { DIGESTS, NAME, nameOf, wrongWithEntry };
