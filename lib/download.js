// How is a file received over HTTP, so that what arrived is kept when the connection breaks?
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { MinnowError } = require('./errors.js');

const ATTEMPTS = 4;
const RETRY_MS = 1000;
const STALL_MS = 30_000;

const failed = (why, cause) => new MinnowError(`pull: ${why}`, 'ERR_FETCH_FAILED', { cause });

/** What identifies the file that a .part is a part of: as HTTP wants it for If-Range. */
const validatorOf = (headers) => {
  const etag = headers.get('etag');
  return etag !== null && !etag.startsWith('W/') ? etag : headers.get('last-modified');
};

/** The state of an interrupted download: bytes, and the validator beside them. */
async function partOf(part) {
  try {
    const [{ size }, validator] = await Promise.all([
      fs.promises.stat(part),
      fs.promises.readFile(`${part}.tag`, 'utf8'),
    ]);
    return { size, validator };
  } catch {
    return { size: 0, validator: null };
  }
}

/** Appends a body to a file; bytes that came are in it also when the body breaks off. */
async function append(body, part, { start, signals, alive, progress }) {
  const handle = await fs.promises.open(part, start === 0 ? 'w' : 'a');
  const reader = body.getReader();
  // fetch() may leave a read pending for ever when its signal aborts right after it resolved.
  const stop = () => void reader.cancel().catch(() => {});
  for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
  let loaded = start;
  try {
    for (;;) {
      for (const signal of signals) signal.throwIfAborted();
      const { done, value } = await reader.read();
      for (const signal of signals) signal.throwIfAborted();
      if (done) break;
      alive();
      await handle.writeFile(value);
      loaded += value.length;
      progress(loaded);
    }
  } catch (error) {
    stop();
    throw error;
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', stop);
    await handle.close();
  }
  return loaded;
}

/** The first byte that an answer begins with, or an error. */
function startOf(response, size) {
  if (response.status === 200) return 0;
  if (response.status === 206) {
    const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
    if (Number(range?.[1]) === size) return size;
    throw failed('the server answered with another part than was asked for');
  }
  return null;
}

/** One request; resumes where a part is there. @returns {Promise<boolean>} whether it resumed */
async function attempt(url, part, { bytes, signal, onProgress }) {
  const { size, validator } = await partOf(part);
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(failed('no data came for 30 s')), STALL_MS);
  const headers = { 'accept-encoding': 'identity', 'user-agent': 'minnow' };
  if (size > 0) Object.assign(headers, { range: `bytes=${size}-`, 'if-range': validator });
  try {
    const signals = signal ? [signal, stalled.signal] : [stalled.signal];
    const response = await fetch(url, { headers, signal: AbortSignal.any(signals) });
    const start = startOf(response, size);
    if (start === null) {
      await response.body?.cancel();
      if (response.status === 416) await fs.promises.rm(part, { force: true });
      throw Object.assign(failed(`${url} answered with status ${response.status}`), {
        permanent: response.status < 500 && ![408, 416, 429].includes(response.status),
      });
    }
    const length = response.headers.get('content-length');
    const total = length === null ? bytes : start + Number(length);
    if (bytes !== undefined && total !== bytes) {
      await response.body?.cancel();
      throw new MinnowError(
        `pull: ${url} has ${total} bytes, and the catalog names ${bytes}`, 'ERR_CHECKSUM',
      );
    }
    const tag = validatorOf(response.headers);
    if (start === 0) {
      await fs.promises.rm(part, { force: true });
      if (tag === null) await fs.promises.rm(`${part}.tag`, { force: true });
      else await fs.promises.writeFile(`${part}.tag`, tag);
    }
    const file = path.basename(part, '.part');
    const progress = (loaded) => {
      if (total !== undefined && loaded > total) throw failed(`${url} gives more than ${total} bytes`);
      onProgress?.({ file, loaded, total });
    };
    progress(start);
    const alive = () => timer.refresh();
    const loaded = await append(response.body, part, { start, signals, alive, progress });
    if (total !== undefined && loaded < total) throw failed('the connection broke off');
    return start > 0;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (stalled.signal.aborted) throw stalled.signal.reason;
    if (error instanceof MinnowError || error.code?.startsWith('E')) throw error;
    throw failed(`${url}: ${error.cause?.code ?? error.cause?.message ?? error.message}`, error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Receives a file into `part`, going on where an earlier call ended. A connection that breaks is
 * made again, three times.
 *
 * @param {string} url
 * @param {string} part path; `part`.tag beside it says what the part is a part of
 * @param {object} [options]
 * @param {number} [options.bytes] that the file must have
 * @param {AbortSignal} [options.signal]
 * @param {number} [options.retryMs=1000] before the second attempt; twice that before the third
 * @param {Function} [options.onProgress] gets {file, loaded, total}
 * @returns {Promise<boolean>} whether bytes of an earlier attempt are in it
 * @throws {MinnowError} ERR_FETCH_FAILED, ERR_CHECKSUM (another length); the part stays
 */
async function receive(url, part, options = {}) {
  const { retryMs = RETRY_MS, signal, bytes } = options;
  const there = await fs.promises.stat(part).catch(() => null);
  if (bytes !== undefined && there?.size === bytes) return true;
  for (let tried = 1; ; tried++) {
    try {
      const resumed = await attempt(url, part, options);
      await fs.promises.rm(`${part}.tag`, { force: true });
      return resumed;
    } catch (error) {
      const again = error.code === 'ERR_FETCH_FAILED' && !error.permanent && tried < ATTEMPTS;
      if (!again || signal?.aborted) throw error;
      await sleep(retryMs * 2 ** (tried - 1), undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    }
  }
}

module.exports = { receive };
