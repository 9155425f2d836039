// How does a sequence pass through a pool of limited size, in order?
'use strict';

const { abortable } = require('./jobs.js');

const END = Symbol('end');

/**
 * Maps a sequence with at most `concurrency` calls at a time, and yields the results in the order
 * of the input. The source is read one item at a time and never further ahead than that. Leaving
 * the loop early, or an abort, aborts the calls in flight and closes the source.
 * @template T, R
 * @param {Iterable<T>|AsyncIterable<T>} source
 * @param {(item: T, index: number, signal: AbortSignal) => Promise<R>} work
 * @param {{concurrency: number, signal?: AbortSignal}} options
 * @returns {AsyncGenerator<R>} throws `signal.reason`, or what `source` or `work` throws
 */
async function* orderedMap(source, work, { concurrency, signal }) {
  const controller = new AbortController();
  const forward = () => controller.abort(signal.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', forward, { once: true });

  const iterator = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
  let ended = false;
  let count = 0;
  let previousPull = Promise.resolve();
  const start = () => {
    const pull = previousPull.then(() => (ended ? { done: true } : iterator.next()));
    previousPull = pull.then(
      ({ done }) => void (ended ||= Boolean(done)),
      () => void (ended = true),
    );
    const slot = pull.then(async ({ done, value }) => {
      if (done) return END;
      const index = count++;
      return work(await value, index, controller.signal);
    });
    slot.catch(() => {}); // it is awaited in its turn
    return slot;
  };

  const slots = Array.from({ length: concurrency }, start);
  let exhausted = false;
  try {
    for (;;) {
      const result = await abortable(signal, slots.shift());
      if (result === END) {
        exhausted = true;
        return;
      }
      slots.push(start());
      yield result;
    }
  } finally {
    signal?.removeEventListener('abort', forward);
    if (!exhausted) {
      ended = true;
      controller.abort();
      // Not awaited: a source that hangs must not keep an aborted loop from ending.
      Promise.resolve(iterator.return?.()).catch(() => {});
    }
  }
}

module.exports = { orderedMap };
