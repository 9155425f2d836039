// Is a model found where the documentation says, in that order?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { pathToFileURL } = require('node:url');
const { cacheFolder, catalogFolders, findEntry, listEntries, resolveModel } =
  require('../../lib/models.js');
const { cli } = require('./support/child.js');
const { temporaryFolder } = require('./support/pictures.js');

/** Sets environment variables for one test. */
function withEnv(t, values) {
  const before = { ...process.env };
  Object.assign(process.env, values);
  t.after(() => {
    for (const name of Object.keys(values)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
}

function addModel(folder, name, json = {}) {
  const dir = path.join(folder, name);
  fs.mkdirSync(dir, { recursive: true });
  const entry = { name, file: 'net.onnx', format: 'onnx', preprocess: 'tf', ...json };
  fs.writeFileSync(path.join(dir, 'model.json'), JSON.stringify(entry));
  fs.writeFileSync(path.join(dir, 'net.onnx'), '');
  return dir;
}

test('the cache is MINNOW_CACHE, else below XDG_CACHE_HOME', () => {
  assert.equal(cacheFolder({ MINNOW_CACHE: '/a', XDG_CACHE_HOME: '/b' }), '/a');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/b' }), path.join('/b', 'minnow'));
  assert.match(cacheFolder({}), /minnow$/);
});

test('MINNOW_MODELS comes before the cache, the package last', () => {
  const folders = catalogFolders({ MINNOW_MODELS: ['/x', '/y'].join(path.delimiter), MINNOW_CACHE: '/c' });
  assert.deepEqual(folders.slice(0, 3), ['/x', '/y', '/c']);
  assert.equal(path.basename(folders[3]), 'models');
});

test('the first folder with a model of the name wins', (t) => {
  const [first, second] = [temporaryFolder(t), temporaryFolder(t)];
  const dir = addModel(first, 'both');
  addModel(second, 'both');
  addModel(second, 'shapes');
  withEnv(t, { MINNOW_MODELS: [first, second].join(path.delimiter) });
  assert.equal(findEntry('both').dir, dir);
  assert.equal(findEntry('shapes').dir, path.join(second, 'shapes'));
  const own = listEntries().filter((entry) => [first, second].includes(path.dirname(entry.dir)));
  assert.deepEqual(own.map(({ name }) => name).sort(), ['both', 'shapes']);
  assert.equal(listEntries().filter(({ name }) => name === 'shapes').length, 1);
});

test('a malformed model.json is told of, and the other models listed', async (t) => {
  const folder = temporaryFolder(t);
  addModel(folder, 'sound');
  fs.writeFileSync(path.join(addModel(folder, 'torn'), 'model.json'), '{"file":');
  withEnv(t, { MINNOW_MODELS: folder });
  assert.throws(() => listEntries(), { code: 'ERR_INVALID_MODEL' });
  const { code, stdout, stderr } = await cli(['models', '--json']);
  assert.equal(code, 1);
  assert.match(stderr, /^minnow models: .*torn.model\.json: not JSON[^\n]*\n$/);
  const names = stdout.trim().split('\n').map((line) => JSON.parse(line).name);
  assert.ok(names.includes('sound') && names.includes('shapes') && !names.includes('torn'), stdout);
});

test('no argument means shapes, with its catalog entry', () => {
  const { parts, format, entry } = resolveModel();
  assert.equal(path.basename(parts[0]), 'shapes.onnx');
  assert.equal(format, 'onnx');
  assert.equal(entry.preprocess, 'tf');
});

test('a path wins over a catalog name; a folder stands for its model.json', (t) => {
  const folder = temporaryFolder(t);
  const dir = addModel(folder, 'mine');
  assert.deepEqual(resolveModel(dir).parts, [path.join(dir, 'net.onnx')]);
  assert.equal(resolveModel(path.join(dir, 'net.onnx')).entry.name, 'mine');
  assert.equal(resolveModel(pathToFileURL(path.join(dir, 'net.onnx'))).entry.name, 'mine');
  fs.writeFileSync(path.join(dir, 'other.onnx'), '');
  assert.equal(resolveModel(path.join(dir, 'other.onnx')).entry, null);
});

test('an .xml brings the .bin of its name beside it, and needs it', (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'net.v1.xml');
  fs.writeFileSync(file, '<net weights="/etc/passwd"/>');
  assert.throws(() => resolveModel(file), {
    code: 'ERR_NOT_FOUND',
    message: /net\.v1\.bin, which has the weights of /,
  });
  fs.writeFileSync(path.join(folder, 'net.v1.bin'), '');
  assert.deepEqual(resolveModel(file).parts, [file, path.join(folder, 'net.v1.bin')]);
  assert.deepEqual(resolveModel(pathToFileURL(file)).parts.length, 2);
  assert.deepEqual(resolveModel([file, 'other.bin']).parts, [file, 'other.bin']);
});

test('a model of several files has several parts', (t) => {
  const dir = addModel(temporaryFolder(t), 'ir', { file: ['a.xml', 'a.bin'] });
  assert.deepEqual(resolveModel(dir).parts.map((part) => path.basename(part)), ['a.xml', 'a.bin']);
  assert.equal(resolveModel([new Uint8Array(1), new ArrayBuffer(2)]).parts[1].length, 2);
});

test('what is not there is ERR_NOT_FOUND and says where it was looked for', (t) => {
  withEnv(t, { MINNOW_MODELS: '/nowhere' });
  assert.throws(() => resolveModel('no-such-model'), { code: 'ERR_NOT_FOUND', message: /nowhere/ });
  assert.throws(() => resolveModel('./no/such.onnx'), { code: 'ERR_NOT_FOUND' });
  assert.throws(() => resolveModel(temporaryFolder(t)), { code: 'ERR_NOT_FOUND', message: /model\.json/ });
});

test('a name can not leave the catalog, nor can the files of an entry', (t) => {
  const folder = temporaryFolder(t);
  withEnv(t, { MINNOW_MODELS: path.join(folder, 'catalog') });
  addModel(folder, 'outside');
  assert.equal(findEntry('../outside'), null);
  for (const file of ['../net.onnx', '/etc/passwd', '', '..', 7]) {
    const dir = addModel(folder, 'bad', { file });
    assert.throws(() => resolveModel(dir), { code: 'ERR_INVALID_MODEL' }, String(file));
  }
  const url = 'https://models.invalid/net.onnx';
  for (const wrong of [
    { labels: '../x' }, { name: '../outside' }, { name: 3 }, { downloads: {} }, { downloads: [null] },
    { downloads: [{ url: 'file:///etc/passwd' }] }, { downloads: [{ url: 'https://models.invalid/' }] },
    { downloads: [{ url, as: '../x' }] }, { downloads: [{ url, as: '.lock' }] },
    { downloads: [{ url, sha256: 'ff' }] }, { downloads: [{ url, bytes: -1 }] },
    { downloads: [{ url, extract: { 'net.onnx': '/x' } }] }, { downloads: [{ url, extract: [] }] },
    { labels_download: { url: 'https://models.invalid/%E0%A4%A' } }, { resize: 'no' },
    { preprocess: 'no' }, { format: 7 },
  ]) {
    const dir = addModel(folder, 'bad', wrong);
    assert.throws(() => resolveModel(dir), { code: 'ERR_INVALID_MODEL' }, JSON.stringify(wrong));
  }
});

test('a model.json that is no JSON object is ERR_INVALID_MODEL', (t) => {
  const dir = addModel(temporaryFolder(t), 'broken');
  for (const text of ['{', '[]', '1', 'null']) {
    fs.writeFileSync(path.join(dir, 'model.json'), text);
    assert.throws(() => resolveModel(dir), { code: 'ERR_INVALID_MODEL' }, text);
  }
});

test('anything else is a TypeError', () => {
  for (const value of [7, null, {}, [], [7], new URL('http://localhost/x')]) {
    assert.throws(() => resolveModel(value), { code: 'ERR_INVALID_ARG_TYPE' });
  }
});
