// Does a prepacked model save the work, and never more than that?
'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { promisify } = require('node:util');
const { MobileNet, Model } = require('../../lib/index.js');
const { node } = require('./support/child.js');
const { temporaryFolder } = require('./support/pictures.js');

const FILE = path.join(__dirname, '..', '..', 'models', 'shapes', 'shapes.onnx');
const DATA = process.env.MINNOW_TEST_DATA ?? path.join(__dirname, '..', '..', '..', 'shared', 'data');
const skip = process.platform === 'linux' ? false : 'prepacked models are for Linux';
// Files changed in the last two seconds, whole ones, are not kept.
const SETTLED_MS = 3100;
const HEADER_BYTES = 32;

function feedOf(model, batch = 1) {
  const [{ name, dtype, shape }] = model.inputs;
  const sizes = shape.map((size, axis) => (size === -1 ? (axis === 0 ? batch : 1) : size));
  const count = sizes.reduce((a, b) => a * b);
  const data = dtype === 'u8'
    ? Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256)
    : Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.37));
  return { [name]: { data, shape: sizes } };
}

/** What a load with this cache did, and the bytes that the network gives. */
function loadAndRun(file, cache, batch = 1) {
  const model = Model.loadSync(file, { cache });
  const outputs = model.runSync(feedOf(model, batch));
  const bytes = Buffer.concat(Object.values(outputs).map(({ data }) => Buffer.from(data.buffer)));
  const { cache: did } = model.describe();
  model.close();
  return { did, bytes };
}

/** The one prepacked file of a folder. */
function packOf(folder) {
  const names = fs.readdirSync(folder);
  assert.equal(names.length, 1, names.join());
  assert.match(names[0], /^[0-9a-f]{32}[.]minnowpack$/);
  return path.join(folder, names[0]);
}

async function settledCopy(t, file = FILE) {
  const copy = path.join(temporaryFolder(t), path.basename(file));
  fs.copyFileSync(file, copy);
  await sleep(SETTLED_MS);
  return copy;
}

test('the second load reads what the first wrote, and gives the same bits', { skip }, async (t) => {
  const folder = path.join(temporaryFolder(t), 'a', 'b');
  const plain = loadAndRun(FILE, false);
  assert.equal(plain.did, 'none');
  for (const did of ['written', 'read', 'read']) {
    assert.deepEqual(loadAndRun(FILE, folder), { ...plain, did });
  }
  const stat = fs.statSync(packOf(folder));
  assert.equal(stat.mode & 0o777, 0o600);
  assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
  // Another batch is planned from the constants that the file holds as well.
  const five = loadAndRun(FILE, folder, 5);
  assert.deepEqual(five, { did: 'read', bytes: loadAndRun(FILE, false, 5).bytes });
  const graphs = [false, folder].map((cache) => Model.loadSync(FILE, { cache }).describe());
  assert.deepEqual(graphs[1].graphs, graphs[0].graphs);
  assert.equal(graphs[1].weightBytes, graphs[0].weightBytes);
  const model = await Model.load(FILE, { cache: folder });
  assert.equal(model.describe().cache, 'read');
  const net = await MobileNet.load('shapes', { cache: folder });
  assert.equal(net.model.describe().cache, 'read');
});

test('every format and integers come back the same', { skip }, (t) => {
  const folder = temporaryFolder(t);
  const names = [
    'mobilenetv2_1.0_224.onnx', 'mobilenetv2_1.0_224_qdq.onnx', 'mobilenet_v2_1.0_224_frozen.pb',
    'mobilenet_v3_small_synthetic.onnx', 'squeezenet1_1_synthetic.onnx', 'mobilenet_v2_1.0_224.xml',
    'mobilenet_v1_0.25_128_quant.tflite', 'tf2_mobilenet_v2_1.0_224_ptq.tflite', 'mobilenet_v2_1.0_224.pt',
  ];
  const files = names.map((name) => path.join(DATA, 'models', name)).filter(fs.existsSync);
  if (files.length === 0) t.skip('no test data');
  for (const file of files) {
    const { bytes } = loadAndRun(file, false);
    assert.deepEqual(loadAndRun(file, folder), { did: 'written', bytes }, file);
    assert.deepEqual(loadAndRun(file, folder), { did: 'read', bytes }, file);
  }
  // Another precision is another entry.
  const quantized = files.find((file) => file.endsWith('_qdq.onnx'));
  if (quantized === undefined) return;
  const [plain, ...kept] = [false, folder, folder].map((cache) => {
    const model = Model.loadSync(quantized, { cache, precision: 'fp32' });
    const [{ data }] = Object.values(model.runSync(feedOf(model)));
    return { did: model.describe().cache, data };
  });
  assert.deepEqual(kept, [{ ...plain, did: 'written' }, { ...plain, did: 'read' }]);
});

test('a damaged file is written anew, wherever the damage is', { skip }, (t) => {
  const folder = temporaryFolder(t);
  const { bytes } = loadAndRun(FILE, folder);
  const pack = packOf(folder);
  const whole = fs.readFileSync(pack);
  const restored = (damaged, what) => {
    fs.writeFileSync(`${pack}.new`, damaged, { mode: 0o600 });
    fs.renameSync(`${pack}.new`, pack);
    assert.deepEqual(loadAndRun(FILE, folder), { did: 'written', bytes }, what);
    assert.deepEqual(fs.readFileSync(pack).length, whole.length);
  };
  const spots = Array.from({ length: HEADER_BYTES }, (_, at) => at);
  for (let i = 1; i <= 60; i++) spots.push(Math.floor((i * (whole.length - 1)) / 60));
  for (const spot of spots) {
    const damaged = Buffer.from(whole);
    damaged[spot] ^= 0x41;
    restored(damaged, `byte ${spot}`);
  }
  for (const length of [0, 1, HEADER_BYTES - 1, HEADER_BYTES, 4096, whole.length >> 1, whole.length - 1]) {
    restored(whole.subarray(0, length), `cut to ${length}`);
  }
  restored(Buffer.concat([whole, Buffer.alloc(1)]), 'one byte more');
  restored(fs.readFileSync(FILE), 'another file');
});

test('only a file and a folder that this user alone may write are used', { skip }, (t) => {
  const folder = temporaryFolder(t);
  loadAndRun(FILE, folder);
  const pack = packOf(folder);
  fs.chmodSync(pack, 0o620);
  assert.equal(loadAndRun(FILE, folder).did, 'written');
  const other = path.join(temporaryFolder(t), 'pack');
  fs.renameSync(pack, other);
  fs.symlinkSync(other, pack);
  assert.equal(loadAndRun(FILE, folder).did, 'written');
  assert.ok(fs.lstatSync(pack).isFile());
  fs.chmodSync(folder, 0o777);
  assert.equal(loadAndRun(FILE, folder).did, 'none');
  fs.chmodSync(folder, 0o700);
  assert.equal(loadAndRun(FILE, folder).did, 'read');
  assert.equal(loadAndRun(FILE, path.join(FILE, 'below')).did, 'none');
  assert.equal(loadAndRun(FILE, '/proc/minnow').did, 'none');
});

test('limits hold for what is read, too', { skip }, (t) => {
  const folder = temporaryFolder(t);
  assert.equal(loadAndRun(FILE, folder).did, 'written');
  for (const limits of [{ nodes: 5 }, { elements: 100 }, { rank: 1 }, { nesting: 1 }, { arenaBytes: 1000 }]) {
    assert.throws(() => Model.loadSync(FILE, { cache: folder, limits }), JSON.stringify(limits));
  }
  const limits = { nodes: 5000 };
  const did = [1, 2].map(() => Model.loadSync(FILE, { cache: folder, limits }).describe().cache);
  assert.deepEqual(did, ['written', 'read']);
});

test('no room is no error, and nothing half is left', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const say = `console.log(require('./lib').Model.loadSync(${JSON.stringify(FILE)}, ` +
    `{ cache: ${JSON.stringify(folder)} }).describe().cache)`;
  // Files of at most 64 KiB: the write ends in the middle.
  const script = `ulimit -f 64; trap '' XFSZ; exec "$0" -e "$1"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script, process.execPath, say], {
    cwd: path.join(__dirname, '..', '..'),
  });
  assert.equal(stdout.trim(), 'none');
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('a model that changed is not taken for the old one', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const copy = await settledCopy(t);
  const { bytes } = loadAndRun(copy, folder);
  assert.equal(loadAndRun(copy, folder).did, 'read');
  const { atime, mtime } = fs.statSync(copy);
  const changed = fs.readFileSync(copy);
  const at = changed.length - 3_000;
  changed.fill(0, at, at + 2_000);
  // In place, of the same size and with the old times: the inode's own time tells.
  fs.writeFileSync(copy, changed);
  fs.utimesSync(copy, atime, mtime);
  const plain = loadAndRun(copy, false);
  assert.notDeepEqual(plain.bytes, bytes);
  assert.deepEqual(loadAndRun(copy, folder), { did: 'none', bytes: plain.bytes }, 'changed just now');
  await sleep(SETTLED_MS);
  assert.deepEqual(loadAndRun(copy, folder), { did: 'written', bytes: plain.bytes });
});

test('bytes are not kept, wrong options are errors, the environment is a default', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const model = await Model.load(fs.readFileSync(FILE), { cache: folder });
  assert.equal(model.describe().cache, 'none');
  assert.deepEqual(fs.readdirSync(folder), []);
  for (const cache of [1, {}, null]) {
    assert.throws(() => Model.loadSync(FILE, { cache }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  const say = (options) =>
    `console.log(require('./lib').Model.loadSync(${JSON.stringify(FILE)}, ${options}).describe().cache)`;
  const run = async (options, env) => (await node(['-e', say(options)], { env })).stdout.trim();
  const home = { MINNOW_CACHE: folder };
  assert.equal(await run('{}', home), 'none');
  assert.equal(await run('{}', { ...home, MINNOW_PREPACKED: '1' }), 'written');
  assert.equal(await run('{ cache: true }', home), 'read');
  assert.equal(await run('{ cache: false }', { ...home, MINNOW_PREPACKED: '1' }), 'none');
  assert.equal(await run('{}', { MINNOW_PREPACKED: path.join(folder, 'prepacked') }), 'read');
  assert.equal(await run('{}', { ...home, MINNOW_PREPACKED: '1', MINNOW_ISA: 'portable' }), 'written');
});

test('processes that load at once all get it right', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const program = `
    const { Model } = require('./lib');
    const model = Model.loadSync(${JSON.stringify(FILE)}, { cache: ${JSON.stringify(folder)} });
    const { logits } = model.runSync({ input: new Float32Array(3 * 96 * 96).fill(0.25) });
    console.log(model.describe().cache, [...logits.data].join());`;
  const results = await Promise.all(Array.from({ length: 6 }, () => node(['-e', program])));
  const answers = new Set();
  for (const { code, stdout, stderr } of results) {
    assert.equal(code, 0, stderr);
    const [did, logits] = stdout.trim().split(' ');
    assert.match(did, /^(read|written)$/);
    answers.add(logits);
  }
  assert.equal(answers.size, 1);
  packOf(folder);
});

test('what died writers left goes, and the folder does not grow without end', { skip }, (t) => {
  const folder = temporaryFolder(t);
  const old = new Date(Date.now() - 24 * 3600 * 1000);
  const names = Array.from({ length: 20 }, (_, i) => `${String(i).padStart(32, '0')}.minnowpack`);
  const left = `${'a'.repeat(32)}.minnowpack.1.1.tmp`;
  const foreign = 'notes.txt';
  for (const name of [...names, left, foreign]) {
    fs.writeFileSync(path.join(folder, name), '');
    fs.utimesSync(path.join(folder, name), old, old);
  }
  assert.equal(loadAndRun(FILE, folder).did, 'written');
  const after = fs.readdirSync(folder);
  assert.equal(after.filter((name) => name.endsWith('.minnowpack')).length, 16);
  assert.ok(after.includes(foreign));
  assert.ok(!after.includes(left));
});
