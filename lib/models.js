// Which files does a model's name stand for? Looks up only; nothing is downloaded.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { fileURLToPath } = require('node:url');
const { NAME, wrongWithEntry } = require('./catalog-entry.js');
const { MinnowError } = require('./errors.js');
const { is, wrongType } = require('./validate.js');

const PACKAGE_MODELS = path.join(__dirname, '..', 'models');
const DEFAULT_MODEL = 'shapes';

/** Where downloaded models are kept: $MINNOW_CACHE, else the platform's cache folder. */
function cacheFolder(env = process.env) {
  if (env.MINNOW_CACHE) return env.MINNOW_CACHE;
  if (env.XDG_CACHE_HOME) return path.join(env.XDG_CACHE_HOME, 'minnow');
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'minnow');
  if (process.platform === 'win32' && env.LOCALAPPDATA) return path.join(env.LOCALAPPDATA, 'minnow');
  return path.join(os.homedir(), '.cache', 'minnow');
}

/** The folders that hold catalogs, in the order of lookup. */
function catalogFolders(env = process.env) {
  const own = (env.MINNOW_MODELS ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return [...own, cacheFolder(env), PACKAGE_MODELS];
}

function invalidEntry(file, what, cause) {
  return new MinnowError(`${file}: ${what}`, 'ERR_INVALID_MODEL', { cause });
}

/**
 * Reads DIR/model.json.
 * @param {string} dir
 * @returns {object|null} null when there is none
 * @throws {MinnowError} ERR_INVALID_MODEL when it is malformed
 */
function readEntry(dir) {
  const file = path.join(dir, 'model.json');
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  }
  let json;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalidEntry(file, `not JSON: ${error.message}`, error);
  }
  const wrong = wrongWithEntry(json);
  if (wrong !== '') throw invalidEntry(file, wrong);
  const files = Array.isArray(json.file) ? json.file : [json.file];
  return { ...json, name: json.name ?? path.basename(path.resolve(dir)), dir, files };
}

/** Whether all files of an entry lie in its folder; those to be pulled begin without. */
function isComplete(entry) {
  const files = [...entry.files, ...(entry.labels === undefined ? [] : [entry.labels])];
  return files.every((file) => fs.existsSync(path.join(entry.dir, file)));
}

/** Whether an entry only says where its files can be had. */
function isPromise(entry) {
  return Array.isArray(entry.downloads) && !isComplete(entry);
}

/**
 * The catalog entry of a name: the first in the order of lookup; one whose files are not there yet
 * counts only where no other has the name, and a folder that may not be read (a service's $HOME)
 * stops only a search that finds nothing else.
 * @param {string} name e.g. 'shapes'
 * @returns {object|null}
 */
function findEntry(name) {
  if (!NAME.test(name)) return null;
  let promised = null;
  let closed = null;
  for (const folder of catalogFolders()) {
    try {
      const entry = readEntry(path.join(folder, name));
      if (entry !== null && !isPromise(entry)) return entry;
      promised ??= entry;
    } catch (error) {
      if (error.code !== 'EACCES') throw error;
      closed ??= error;
    }
  }
  if (promised === null && closed !== null) throw closed;
  return promised;
}

/**
 * The entry that findEntry gives for every name that a catalog has.
 * @param {(error: MinnowError) => void} [onMalformed] is told of a malformed model.json instead of
 *   the caller, who gets the other entries
 */
function listEntries(onMalformed) {
  const found = new Map();
  for (const folder of catalogFolders()) {
    let names = [];
    try {
      names = fs.readdirSync(folder).sort();
    } catch {
      continue;
    }
    for (const name of names) {
      if (found.has(name)) continue;
      try {
        found.set(name, findEntry(name));
      } catch (error) {
        if (onMalformed === undefined || error.code !== 'ERR_INVALID_MODEL') throw error;
        found.set(name, null);
        onMalformed(error);
      }
    }
  }
  return [...found.values()].filter((entry) => entry !== null);
}

function isDirectory(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

function fromEntry(entry) {
  const parts = entry.files.map((file) => path.join(entry.dir, file));
  if (isPromise(entry)) {
    throw new MinnowError(
      `load: model ${entry.name} is in the catalog, but its files are not here. ` +
        `Possible remedy: minnow pull ${entry.name}`,
      'ERR_NOT_FOUND',
    );
  }
  return {
    parts,
    format: typeof entry.format === 'string' ? entry.format : '',
    entry,
  };
}

/** OpenVINO keeps the weights of NAME.xml in NAME.bin beside it; the .xml names no file. */
function partsOf(file) {
  if (path.extname(file).toLowerCase() !== '.xml') return [file];
  const weights = `${file.slice(0, -'.xml'.length)}.bin`;
  if (fs.existsSync(weights)) return [file, weights];
  throw new MinnowError(`load: no file ${weights}, which has the weights of ${file}`, 'ERR_NOT_FOUND');
}

/** A file beside a model.json that names it has that entry's facts. */
function fromFile(file) {
  const entry = readEntry(path.dirname(file));
  if (entry !== null && entry.files[0] === path.basename(file)) return fromEntry(entry);
  return { parts: partsOf(file), format: '', entry: null };
}

function fromString(source) {
  if (isDirectory(source)) {
    const entry = readEntry(source);
    if (entry !== null) return fromEntry(entry);
    throw new MinnowError(`load: no model.json in folder ${source}`, 'ERR_NOT_FOUND');
  }
  if (fs.existsSync(source)) return fromFile(source);
  const entry = findEntry(source);
  if (entry !== null) return fromEntry(entry);
  const folders = NAME.test(source) ? `, and no model of that name in ${catalogFolders().join(', ')}` : '';
  throw new MinnowError(`load: no file ${source}${folders}`, 'ERR_NOT_FOUND');
}

/**
 * What a model argument stands for: path, then catalog name ($MINNOW_MODELS, cache, package).
 * @param {string|URL|Uint8Array|ArrayBuffer|Array|undefined} source undefined: the default model
 * @returns {{parts: Array<string|Uint8Array>, format: string, entry: object|null}}
 * @throws {TypeError|MinnowError} ERR_NOT_FOUND, ERR_INVALID_MODEL
 */
function resolveModel(source = DEFAULT_MODEL) {
  if (is.string(source)) return fromString(source);
  if (is.url(source) && source.protocol === 'file:') return fromString(fileURLToPath(source));
  const parts = (Array.isArray(source) ? source : [source]).map((part) => {
    if (is.string(part) || is.bytes(part)) return part;
    if (is.url(part) && part.protocol === 'file:') return fileURLToPath(part);
    if (is.buffer(part)) return new Uint8Array(part);
    throw wrongType('a path, a catalog name, a file: URL, a Uint8Array or an array of those', 'model', source);
  });
  if (parts.length === 0) throw wrongType('at least one file', 'model', source);
  return { parts, format: '', entry: null };
}

module.exports = {
  cacheFolder, catalogFolders, findEntry, isComplete, listEntries, readEntry,
  resolveModel,
};
