// Can any model.json, label file or name make the catalog throw what is no MinnowError, or write
// outside of the cache? MINNOW_FUZZ_ROUNDS: how many (300), MINNOW_FUZZ_SEED.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { resolvePreprocess } = require('../../lib/image/preprocess.js');
const { MinnowError, MobileNet } = require('../../lib/index.js');
const { loadLabelsSync } = require('../../lib/labels.js');
const { findEntry, isComplete, listEntries, resolveModel } = require('../../lib/models.js');
const { pull } = require('../../lib/pull.js');
const { fuzzing, mutateText } = require('../lib/support/random.js');

const WEIGHTS = Buffer.from('not a model, but bytes');
const digest = (algorithm) => crypto.createHash(algorithm).update(WEIGHTS).digest('hex');
const ENTRY = {
  name: 'net',
  description: 'a net',
  file: ['net.onnx', 'net.bin'],
  format: 'onnx',
  labels: 'labels.txt',
  preprocess: { scale: 1, mean: [0, 0, 0], std: [1, 1, 1], order: 'rgb', layout: 'NCHW' },
  resize: 'crop',
  input: { shape: [1, 3, 2, 2], layout: 'NCHW', dtype: 'f32' },
  accuracy: { top1: 0.7 },
  downloads: [
    { url: 'https://models.invalid/a/net.onnx', bytes: WEIGHTS.length, sha256: digest('sha256') },
    { url: 'https://models.invalid/net%2ebin', sha512: digest('sha512'), as: 'net.bin' },
  ],
  labels_download: { url: 'https://models.invalid/words.txt', as: 'labels.txt' },
};

/** A folder with a catalog, a cache and a mirror, which the environment names. */
function world(t) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-fuzz-'));
  const at = (...parts) => path.join(root, ...parts);
  for (const folder of ['catalog/net', 'cache', 'mirror']) fs.mkdirSync(at(folder), { recursive: true });
  for (const name of ['net.onnx', 'net.bin', 'words.txt']) fs.writeFileSync(at('mirror', name), WEIGHTS);
  const before = { ...process.env };
  Object.assign(process.env, { MINNOW_MODELS: at('catalog'), MINNOW_CACHE: at('cache') });
  t.after(() => {
    for (const name of ['MINNOW_MODELS', 'MINNOW_CACHE']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    fs.rmSync(root, { recursive: true, force: true });
  });
  return at;
}

/** Everything that reads an entry; each gives something or a MinnowError. */
function uses(at) {
  const entry = () => findEntry('net');
  return {
    list: () => listEntries().map(isComplete),
    resolve: () => resolveModel('net'),
    folder: () => resolveModel(at('catalog', 'net')),
    preprocess: () => entry() && resolvePreprocess(undefined, entry(), 'onnx', 'f32'),
    labels: () => entry() && loadLabelsSync(undefined, entry()),
    load: () => MobileNet.loadSync('net'),
    pull: () => pull('net', { from: at('mirror'), offline: true }),
    again: () => resolveModel('net'),
  };
}

const outside = (at) =>
  fs.readdirSync(at(), { recursive: true }).filter((name) => !name.startsWith('cache')).sort();

test('a model.json that is almost right is used or refused, and nothing else', async (t) => {
  const { random, count } = fuzzing(t, 'MINNOW_FUZZ_ROUNDS', 300);
  const at = world(t);
  const file = at('catalog', 'net', 'model.json');
  const ends = { used: 0, refused: 0 };
  for (let round = 0; round < count; round++) {
    const text = mutateText(ENTRY, random);
    fs.writeFileSync(file, text);
    const before = outside(at);
    for (const [name, use] of Object.entries(uses(at))) {
      try {
        await use();
        ends.used++;
      } catch (error) {
        assert.ok(error instanceof MinnowError, `${name}: ${error.stack}\n${text}`.slice(0, 4000));
        ends.refused++;
      }
    }
    assert.deepEqual(outside(at), before, text);
    fs.rmSync(at('cache'), { recursive: true, force: true });
  }
  assert.ok(ends.used > count / 10 && ends.refused > count / 10, JSON.stringify(ends));
});

test('an entry as it should be is pulled and found', async (t) => {
  const at = world(t);
  fs.writeFileSync(at('catalog', 'net', 'model.json'), JSON.stringify(ENTRY));
  const { received } = await pull('net', { from: at('mirror'), offline: true });
  assert.deepEqual(received.map(({ known }) => known), [true, true, false]);
  assert.equal(isComplete(findEntry('net')), true);
});
