// How does an AbortSignal end a native job?
'use strict';

const events = require('node:events');
const addon = require('./binding.js');

/**
 * Settles like `promise`, but rejects with `signal.reason` as soon as the signal aborts.
 * @template T
 * @param {AbortSignal|undefined} signal
 * @param {Promise<T>} promise
 * @param {() => void} [onAbort] called once, before the rejection
 * @returns {Promise<T>}
 */
function abortable(signal, promise, onAbort) {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => {
      onAbort?.();
      reject(signal.reason);
    };
    if (signal.aborted) {
      promise.catch(() => {});
      abort();
      return;
    }
    // One signal may end thousands of calls. Each takes its listener away, so none is a leak.
    events.setMaxListeners(0, signal);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Starts a native job that ends when the signal aborts: at once where it has not begun, else
 * between two operators of the network.
 * @template T
 * @param {AbortSignal|undefined} signal
 * @param {(token?: object) => Promise<T>} start
 * @returns {Promise<T>}
 */
async function runJob(signal, start) {
  if (signal === undefined) return start();
  signal.throwIfAborted();
  const token = new addon.CancelToken();
  return abortable(signal, start(token), () => token.cancel());
}

module.exports = { abortable, runJob };
