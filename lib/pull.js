// How does a model of the catalog get into the cache: whole, checked, or not at all?
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');
const { fileURLToPath } = require('node:url');
const zlib = require('node:zlib');
const { DIGESTS, nameOf } = require('./catalog-entry.js');
const { receive } = require('./download.js');
const { MinnowError } = require('./errors.js');
const { cacheFolder, catalogFolders, findEntry, isComplete, readEntry } = require('./models.js');
const { walkTar } = require('./tar.js');
const { is } = require('./validate.js');

const MAX_MEMBER_BYTES = 4 * 2 ** 30;
const MODEL_JSON = 'model.json';

/** The entry of a name that says where its files come from; the cache's own copies do not count. */
function findDownloadable(name) {
  for (const folder of catalogFolders()) {
    const entry = folder === cacheFolder() || !is.string(name) || path.basename(name) !== name
      ? null
      : readEntry(path.join(folder, name));
    if (entry !== null && Array.isArray(entry.downloads)) return entry;
  }
  const known = findEntry(name) !== null;
  const why = known ? `${name} comes with its files: there is nothing to pull` : `no model named ${name}`;
  throw new MinnowError(`pull: ${why}`, 'ERR_NOT_FOUND');
}

async function syncFile(file) {
  const handle = await fs.promises.open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives a written file its name; on disk before, so that the name never stands for less. */
async function publish(part, file) {
  await syncFile(part);
  await fs.promises.rename(part, file);
}

async function digestOf(file, algorithm) {
  const hash = crypto.createHash(algorithm);
  for await (const chunk of fs.createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * Checks what was received.
 * @returns {Promise<{algorithm: string, digest: string, known: boolean}>}
 * @throws {MinnowError} ERR_CHECKSUM
 */
async function verify(part, download) {
  const algorithm = DIGESTS.find((name) => is.string(download[name])) ?? 'sha256';
  const digest = await digestOf(part, algorithm);
  const expected = download[algorithm];
  const bytes = fs.statSync(part).size;
  const wrongSize = download.bytes !== undefined && bytes !== download.bytes;
  if (wrongSize || (expected !== undefined && digest !== expected.toLowerCase())) {
    const found = wrongSize ? `${bytes} bytes, not ${download.bytes}` : `${algorithm} ${digest}, not ${expected}`;
    throw new MinnowError(`pull: ${nameOf(download)} is not what the catalog names: ${found}`, 'ERR_CHECKSUM');
  }
  return { algorithm, digest, known: expected !== undefined };
}

/** Where a download comes from: its own URL, a mirror's, or a file. */
function sourceOf(download, from) {
  const name = nameOf(download);
  if (from === undefined) return { url: download.url };
  if (/^https?:\/\//i.test(from)) {
    const base = from.endsWith('/') ? from : `${from}/`;
    return { url: new URL(encodeURIComponent(name), base).href };
  }
  const folder = /^file:/i.test(from) ? fileURLToPath(from) : from;
  return { file: path.join(folder, name) };
}

async function copyFile(file, part) {
  try {
    await fs.promises.copyFile(file, part);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new MinnowError(`pull: no file ${file}`, 'ERR_NOT_FOUND', { cause: error });
  }
}

/** Brings a download into `part`, checked. What was resumed and is wrong is fetched once more. */
async function obtain(download, part, { from, offline, ...rest }) {
  const { url, file } = sourceOf(download, from);
  if (url !== undefined && offline) {
    throw new MinnowError(
      `pull: offline, and ${nameOf(download)} is not in the cache; --from DIR takes it from a folder`,
      'ERR_FETCH_BLOCKED',
    );
  }
  for (let again = true; ; again = false) {
    const resumed = url === undefined
      ? await copyFile(file, part)
      : await receive(url, part, { ...rest, bytes: download.bytes });
    try {
      return await verify(part, download);
    } catch (error) {
      await fs.promises.rm(part, { force: true });
      if (!(resumed && again)) throw error;
    }
  }
}

function writeAll(descriptor, bytes) {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(descriptor, bytes, at);
}

/** Writes the named members of a .tgz beside it; their names in the archive decide no path. */
async function extract(archive, members, folder) {
  const written = [];
  const opened = new Set();
  const open = (name, size) => {
    const file = Object.hasOwn(members, name) ? members[name] : null;
    if (file === null || written.includes(file)) return null;
    if (size > MAX_MEMBER_BYTES) throw new MinnowError(`pull: ${name} is too large`, 'ERR_INVALID_MODEL');
    written.push(file);
    const stream = fs.openSync(`${path.join(folder, file)}.part`, 'w');
    opened.add(stream);
    return {
      write: async (bytes) => writeAll(stream, bytes),
      end: async () => {
        opened.delete(stream);
        fs.closeSync(stream);
      },
    };
  };
  const unzipped = zlib.createGunzip();
  const reading = pipeline(fs.createReadStream(archive), unzipped).catch(() => {});
  try {
    await walkTar(unzipped, open);
  } catch (error) {
    if (error instanceof MinnowError || /^E[A-Z]+$/.test(error.code)) throw error;
    throw new MinnowError(`pull: ${path.basename(archive)}: ${error.message}`, 'ERR_INVALID_MODEL');
  } finally {
    unzipped.destroy();
    await reading;
    for (const stream of opened) fs.closeSync(stream);
  }
  const missing = Object.keys(members).filter((name) => !written.includes(members[name]));
  if (missing.length > 0) {
    throw new MinnowError(`pull: the archive has no ${missing.join(', ')}`, 'ERR_INVALID_MODEL');
  }
  for (const file of written) {
    await publish(`${path.join(folder, file)}.part`, path.join(folder, file));
  }
}

/** Does one download, unless its files are there. */
async function bring(download, folder, options) {
  const outputs = download.extract
    ? Object.values(download.extract)
    : [download.as ?? nameOf(download)];
  const there = outputs.every((file) => fs.existsSync(path.join(folder, file)));
  if (there && !options.force) return null;
  const part = path.join(folder, `${nameOf(download)}.part`);
  const checked = await obtain(download, part, options);
  if (download.extract) {
    await extract(part, download.extract, folder);
    await fs.promises.rm(part);
  } else {
    await publish(part, path.join(folder, outputs[0]));
  }
  return { file: nameOf(download), ...checked };
}

/** Keeps a second process out of the folder; a lock whose process has ended does not count. */
async function lock(folder) {
  const file = path.join(folder, '.lock');
  for (let again = true; ; again = false) {
    try {
      await fs.promises.writeFile(file, String(process.pid), { flag: 'wx' });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!again || isRunning(Number(fs.readFileSync(file, 'utf8')))) {
        throw new MinnowError(`pull: another process pulls into ${folder}`, 'ERR_BUSY');
      }
      fs.rmSync(file, { force: true });
    }
  }
}

function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Labels are words for people: a model without them still works (its classes are "class 208"), so
 * that they are left out where their source cannot be reached.
 * @returns {Promise<object>} the entry, without labels if there are none
 */
async function bringLabels(entry, folder, options, received) {
  if (entry.labels_download === undefined) return entry;
  try {
    const one = await bring(entry.labels_download, folder, options);
    if (one !== null) received.push(one);
    return entry;
  } catch (error) {
    if (!['ERR_NOT_FOUND', 'ERR_FETCH_FAILED', 'ERR_FETCH_BLOCKED'].includes(error.code)) throw error;
    received.push({ file: nameOf(entry.labels_download), error });
    return { ...entry, labels: undefined };
  }
}

/** Last of all: with its model.json the folder becomes an entry of the catalog. */
async function writeEntry(entry, folder) {
  const json = { ...entry, dir: undefined, files: undefined };
  const part = path.join(folder, `${MODEL_JSON}.part`);
  await fs.promises.writeFile(part, `${JSON.stringify(json, null, 2)}\n`);
  await publish(part, path.join(folder, MODEL_JSON));
}

/**
 * Downloads a model of the catalog into the cache. An interrupted download is resumed by the next
 * call; every file gets its name only when it is whole and checked.
 *
 * @param {string} name
 * @param {object} [options]
 * @param {string} [options.from] a folder, or the URL of a mirror, that has the same file names
 * @param {boolean} [options.offline] no network: only `from` a folder, or what is there
 * @param {boolean} [options.force] even if it is there
 * @param {AbortSignal} [options.signal]
 * @param {(progress: {file: string, loaded: number, total: number|undefined}) => void}
 *   [options.onProgress]
 * @returns {Promise<{folder: string, fresh: boolean, received: Array<{file: string,
 *   algorithm: string, digest: string, known: boolean, error?: Error}>}>} `known`: the catalog had
 *   the checksum; `error`: why the labels, which a model can do without, did not come
 * @throws {MinnowError} ERR_NOT_FOUND, ERR_CHECKSUM, ERR_FETCH_FAILED, ERR_FETCH_BLOCKED (offline),
 *   ERR_INVALID_MODEL (archive), ERR_BUSY (another process pulls it)
 */
async function pull(name, options = {}) {
  const entry = findDownloadable(name);
  const folder = path.join(cacheFolder(), entry.name);
  const cached = readEntry(folder);
  if (cached !== null && isComplete(cached) && !options.force) {
    return { folder, fresh: false, received: [] };
  }
  await fs.promises.mkdir(folder, { recursive: true });
  const unlock = await lock(folder);
  try {
    const received = [];
    for (const download of entry.downloads) received.push(await bring(download, folder, options));
    await writeEntry(await bringLabels(entry, folder, options, received), folder);
    return { folder, fresh: true, received: received.filter((one) => one !== null) };
  } finally {
    unlock();
  }
}

module.exports = { pull };
