// Do the limits of files and pictures end a load at their number, and not before?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { MobileNet, Model, WasiNN, createWasiNnComponentImports } = require('../../lib/index.js');
const { chain } = require('./support/onnx.js');
const { png } = require('./support/pictures.js');

const NET = chain(5, [2, 3]);
const ARENA = Model.loadSync(NET).describe().arenaBytes;
/** The least that NET needs of each. */
const NEEDED = { rank: 2, elements: 6, nodes: 5, nesting: 6, arenaBytes: ARENA };
const REFUSED = { nesting: 'ERR_INVALID_MODEL' };

for (const [name, most] of Object.entries(NEEDED)) {
  test(`limits.${name}`, async () => {
    const code = REFUSED[name] ?? 'ERR_OUT_OF_MEMORY';
    const at = { limits: { [name]: most } };
    const below = { limits: { [name]: most - 1 } };
    (await Model.load(NET, at)).close();
    await assert.rejects(Model.load(NET, below), { name: 'MinnowError', code });
    Model.loadSync(NET, at).close();
    assert.throws(() => Model.loadSync(NET, below), { name: 'MinnowError', code });
    // A guest's inputs outlive a run: it needs memory of their own for them.
    const guests = name === 'arenaBytes' ? { limits: { arenaBytes: 2 * most } } : at;
    new WasiNN({ models: { net: NET }, ...guests }).close();
    assert.throws(() => new WasiNN({ models: { net: NET }, ...below }), { code });
    assert.throws(() => createWasiNnComponentImports({ models: { net: NET }, ...below }), { code });
  });
}

test('limits.loadMs ends a load that takes longer; 0 is no limit', async () => {
  const large = chain(4000, [2, 3]);
  await assert.rejects(Model.load(large, { limits: { loadMs: 1 } }), {
    code: 'ERR_OUT_OF_MEMORY', message: /longer than the limit of 1 ms/,
  });
  (await Model.load(large, { limits: { loadMs: 0 } })).close();
});

/** A PNG with `count` chunks more, which nobody needs. */
function withChunks(file, count) {
  const spare = Buffer.from([0, 0, 0, 0, ...Buffer.from('tESt'), 0x75, 0xb6, 0x1c, 0x4e]);
  const end = file.length - 12;
  return Buffer.concat([file.subarray(0, end), ...Array(count).fill(spare), file.subarray(end)]);
}

test('limits.chunks of a PNG, and its pixels', () => {
  const net = MobileNet.loadSync('shapes', { limits: { chunks: 10 } });
  const picture = png(1);
  const own = picture.toString('latin1').match(/IHDR|IDAT|IEND/g).length;
  assert.equal(net.classifySync(withChunks(picture, 10 - own)).length, 5);
  assert.throws(() => net.classifySync(withChunks(picture, 11 - own)), {
    code: 'ERR_OUT_OF_MEMORY', message: /more than 10 chunks/,
  });
  net.close();
});

test('a limit of a wrong name, type or range is refused', async () => {
  for (const limits of [
    3, { node: 1 }, { nodes: 0 }, { nodes: 1.5 }, { nodes: '1' }, { rank: 9 }, { elements: 2 ** 32 },
    { nesting: 401 }, { arenaBytes: 0 }, { loadMs: -1 }, { chunks: 1 },
  ]) {
    const wrong = (error) => error instanceof TypeError || error instanceof RangeError;
    await assert.rejects(Model.load(NET, { limits }), wrong);
    assert.throws(() => Model.loadSync(NET, { limits }), wrong);
    assert.throws(() => new WasiNN({ limits }), wrong);
  }
  assert.throws(() => MobileNet.loadSync('shapes', { limits: { scans: 0 } }), RangeError);
});
