// How is a picture fetched from a URL that a stranger chose, without reaching what they may not?
'use strict';

const dns = require('node:dns');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const { MinnowError } = require('../errors.js');
const { isPublic } = require('./addresses.js');

const MAX_URL_CHARS = 2048;
const MAX_REDIRECTS = 3;
const MAX_IMAGE_BYTES = 20 << 20;
const TIMEOUT_MS = 10_000;
const SNIFF_BYTES = 8;
const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 };
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

const fetchBlocked = (why) => new MinnowError(`fetch: ${why}`, 'ERR_FETCH_BLOCKED');
const fetchFailed = (why, cause) => new MinnowError(`fetch: ${why}`, 'ERR_FETCH_FAILED', { cause });

/** Whether bytes begin like a JPEG or a PNG. */
function looksLikeImage(bytes) {
  return bytes.subarray(0, PNG.length).equals(PNG) || bytes.subarray(0, JPEG.length).equals(JPEG);
}

/** "HOST" or "HOST:PORT", as the URL parser would write the host. */
function parseHost(text) {
  const match = /^(\[[^\]]*\]|[^:/?#@\s]+)(?::(\d{1,5}))?$/.exec(text);
  const bare = net.isIPv6(text) ? [text, `[${text}]`, undefined] : match;
  if (bare === null || !URL.canParse(`http://${bare[1]}`)) return null;
  const port = bare[2] === undefined ? null : Number(bare[2]);
  return { hostname: new URL(`http://${bare[1]}`).hostname, port };
}

/**
 * The hosts that the owner of the server opened.
 * @param {string[]} hosts each "HOST" (any port) or "HOST:PORT"
 * @returns {(url: URL) => boolean}
 * @throws {RangeError} ERR_OUT_OF_RANGE when one is malformed
 */
function hostMatcher(hosts) {
  const parsed = hosts.map((host) => {
    const found = parseHost(host);
    if (found !== null) return found;
    const error = new RangeError(`Expected HOST or HOST:PORT for allowHosts but received '${host}'`);
    throw Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
  });
  return (url) => parsed.some(({ hostname, port }) =>
    hostname === url.hostname && (port === null || port === portOf(url)));
}

function portOf(url) {
  return url.port === '' ? DEFAULT_PORTS[url.protocol] : Number(url.port);
}

/** Checks all of a URL that needs no name resolution. */
function checkUrl(text, isOpen, base) {
  if (text.length > MAX_URL_CHARS) {
    throw new MinnowError(`fetch: the URL has more than ${MAX_URL_CHARS} characters`, 'ERR_INVALID_ARGUMENT');
  }
  if (!URL.canParse(text, base)) throw new MinnowError('fetch: not a URL', 'ERR_INVALID_ARGUMENT');
  const url = new URL(text, base);
  if (!(url.protocol in DEFAULT_PORTS)) throw fetchBlocked(`scheme ${url.protocol} is not http or https`);
  if (url.username !== '' || url.password !== '') throw fetchBlocked('the URL has credentials');
  if (isOpen(url)) return url;
  if (![80, 443].includes(portOf(url))) {
    throw fetchBlocked(`port ${portOf(url)} of ${url.hostname} is not 80 or 443, and the host is not ` +
      'allowed (--allow-host)');
  }
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (net.isIP(literal) !== 0 && !isPublic(literal)) throw notPublic(url.hostname);
  return url;
}

function notPublic(hostname) {
  return fetchBlocked(`host ${hostname} is at an address that is not public, and is not allowed ` +
    '(--allow-host)');
}

/** A `lookup` for http.request that gives public addresses only: the ones it connects to. */
function guardedLookup(lookup) {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error);
      if (addresses.length === 0 || !addresses.every(({ address }) => isPublic(address))) {
        return callback(notPublic(hostname));
      }
      if (options.all) return callback(null, addresses);
      return callback(null, addresses[0].address, addresses[0].family);
    });
  };
}

/** Sends one request. @returns {Promise<http.IncomingMessage>} */
function request(url, { isOpen, lookup, signal }) {
  const open = isOpen(url);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? https.request : http.request;
    const outgoing = send(url, {
      agent: false,
      lookup: open ? lookup : guardedLookup(lookup),
      signal,
      headers: { accept: 'image/jpeg, image/png', 'accept-encoding': 'identity', 'user-agent': 'minnow' },
    });
    outgoing.on('response', (response) => {
      const { remoteAddress } = response.socket;
      if (open || isPublic(remoteAddress ?? '')) return resolve(response);
      response.destroy();
      return reject(notPublic(url.hostname));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** Reads a body that must be a picture of at most `maxBytes`. */
async function readImage(response, maxBytes) {
  const tooLarge = () =>
    new MinnowError(`fetch: the picture has more than ${maxBytes} bytes`, 'ERR_OUT_OF_MEMORY');
  if (Number(response.headers['content-length']) > maxBytes) throw tooLarge();
  const chunks = [];
  let length = 0;
  let sniffed = false;
  for await (const chunk of response) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    if (!sniffed && length >= SNIFF_BYTES) {
      if (!looksLikeImage(Buffer.concat(chunks))) throw notAnImage();
      sniffed = true;
    }
  }
  if (!response.complete) throw fetchFailed('the connection broke off');
  if (!sniffed) throw notAnImage();
  return Buffer.concat(chunks);
}

function notAnImage() {
  return new MinnowError('fetch: what the URL gives is neither JPEG nor PNG', 'ERR_INVALID_IMAGE');
}

async function follow(text, options) {
  let url = checkUrl(text, options.isOpen);
  for (let hops = 0; ; hops++) {
    const response = await request(url, options);
    try {
      const { location } = response.headers;
      if (response.statusCode === 200) return await readImage(response, options.maxBytes);
      if (!REDIRECTS.has(response.statusCode) || location === undefined) {
        throw fetchFailed(`${url.hostname} answered with status ${response.statusCode}`);
      }
      if (hops === MAX_REDIRECTS) throw fetchFailed(`more than ${MAX_REDIRECTS} redirects`);
      url = checkUrl(location, options.isOpen, url);
    } finally {
      response.destroy();
    }
  }
}

/** Rejects when the signal aborts, even while something hangs that does not heed it. */
function beforeAbort(signal, promise) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Makes a function that fetches pictures. It connects only to public addresses on ports 80 and
 * 443, whatever names resolve to, and checks every redirect again; hosts in `allowHosts` are
 * exempt. No credentials, cookies or proxies; error texts hold nothing of the answer.
 *
 * @param {object} [settings]
 * @param {string[]} [settings.allowHosts] "HOST" or "HOST:PORT"
 * @param {number} [settings.maxBytes=20971520]
 * @param {number} [settings.timeoutMs=10000] for all of it: resolving, redirects, the body
 * @param {Function} [settings.lookup] as dns.lookup
 * @returns {(url: string, signal?: AbortSignal) => Promise<Buffer>} rejects with MinnowError:
 *   ERR_INVALID_ARGUMENT (no URL), ERR_FETCH_BLOCKED, ERR_FETCH_FAILED, ERR_OUT_OF_MEMORY (too
 *   large), ERR_INVALID_IMAGE (no JPEG or PNG)
 */
function makeFetchImage(settings = {}) {
  const { maxBytes = MAX_IMAGE_BYTES, timeoutMs = TIMEOUT_MS, lookup = dns.lookup } = settings;
  const isOpen = hostMatcher(settings.allowHosts ?? []);
  return async (text, signal) => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const both = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal;
    try {
      return await beforeAbort(both, follow(text, { isOpen, lookup, maxBytes, signal: both }));
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (timeout.signal.aborted) throw fetchFailed(`not done within ${timeoutMs / 1000} s`);
      if (error instanceof MinnowError) throw error;
      throw fetchFailed(error.code ?? 'the request failed', error);
    } finally {
      clearTimeout(timer);
    }
  };
}

module.exports = { MAX_URL_CHARS, looksLikeImage, makeFetchImage };
