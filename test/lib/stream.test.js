// Does a sequence keep its order, its limit and its errors?
'use strict';

const assert = require('node:assert/strict');
const { setTimeout: sleep } = require('node:timers/promises');
const test = require('node:test');
const { orderedMap } = require('../../lib/stream.js');

async function collect(iterable) {
  const results = [];
  for await (const result of iterable) results.push(result);
  return results;
}

test('results come in the order of the source, whatever finishes first', async () => {
  const delays = [30, 1, 20, 0, 10];
  const work = async (ms, index) => {
    await sleep(ms);
    return [ms, index];
  };
  const results = await collect(orderedMap(delays, work, { concurrency: 3 }));
  assert.deepEqual(results, delays.map((ms, i) => [ms, i]));
});

test('no more than `concurrency` are in work, and that many are', async () => {
  let now = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++now);
    await sleep(2);
    now--;
  };
  await collect(orderedMap(Array(20).fill(0), work, { concurrency: 4 }));
  assert.equal(most, 4);
});

test('the source is read no further ahead than the limit', async () => {
  let read = 0;
  function* source() {
    for (;;) yield read++;
  }
  for await (const value of orderedMap(source(), async (x) => x, { concurrency: 2 })) {
    assert.ok(read <= value + 1 + 2, `${read} read when ${value} came`);
    if (value === 10) break;
  }
});

test('a result is not held back by a source that waits', async () => {
  const gate = Promise.withResolvers?.() ?? deferred();
  async function* source() {
    yield 'first';
    await gate.promise;
    yield 'second';
  }
  const stream = orderedMap(source(), async (x) => x, { concurrency: 2 });
  assert.equal((await stream.next()).value, 'first');
  gate.resolve();
  assert.equal((await stream.next()).value, 'second');
  assert.equal((await stream.next()).done, true);
});

function deferred() {
  const result = {};
  result.promise = new Promise((resolve) => (result.resolve = resolve));
  return result;
}

test('leaving the loop aborts the work in flight and closes the source', async () => {
  let closed = false;
  let aborted = 0;
  function* source() {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      closed = true;
    }
  }
  const work = (x, _, signal) =>
    x === 0
      ? Promise.resolve(x)
      : new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted++;
            reject(signal.reason);
          });
        });
  for await (const value of orderedMap(source(), work, { concurrency: 3 })) {
    assert.equal(value, 0);
    break;
  }
  assert.equal(closed, true);
  assert.ok(aborted >= 2, `${aborted}`);
});

test('an abort rejects with its reason even when the source hangs', async () => {
  const controller = new AbortController();
  async function* source() {
    yield 1;
    await new Promise(() => {});
  }
  const options = { concurrency: 2, signal: controller.signal };
  const stream = orderedMap(source(), async (x) => x, options);
  assert.equal((await stream.next()).value, 1);
  const next = stream.next();
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(next, reason);
});

test('an error of the source comes after the results before it', async () => {
  function* source() {
    yield 1;
    yield 2;
    throw new Error('source');
  }
  const seen = [];
  await assert.rejects(async () => {
    for await (const x of orderedMap(source(), async (v) => v, { concurrency: 8 })) seen.push(x);
  }, /source/);
  assert.deepEqual(seen, [1, 2]);
});

test('an empty source gives an empty stream', async () => {
  assert.deepEqual(await collect(orderedMap([], async (x) => x, { concurrency: 3 })), []);
});
