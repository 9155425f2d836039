// Is what npm would publish what a user needs, and nothing else?
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { brotliDecompressSync } = require('node:zlib');
const { ROOT, listFiles, readText } = require('./tree.js');

const MAX_UNPACKED_BYTES = 2_600_000;
const SOURCES = 'sources.json.br';

const manifest = require('../../package.json');
const packed = pack();
const paths = packed.files.map((file) => file.path);

function pack() {
  const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-pack-'));
  try {
    const args = ['pack', '--dry-run', '--json', '--silent', '--cache', cache];
    const output = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    const answer = JSON.parse(output);
    return Array.isArray(answer) ? answer[0] : Object.values(answer)[0];
  } finally {
    fs.rmSync(cache, { recursive: true, force: true });
  }
}

test('the package has all that an install compiles and loads', (t) => {
  t.diagnostic(`${packed.files.length} files, ${packed.size} bytes packed, ` +
    `${packed.unpackedSize} unpacked`);
  const needed = listFiles().filter((file) => /^lib\//.test(file));
  needed.push('binding.gyp', 'package.json', 'LICENSE', 'NOTICE.md', 'README.md');
  needed.push('scripts/native-deps.mjs', 'scripts/sources.mjs', SOURCES);
  needed.push('models/shapes/model.json', 'models/shapes/labels.txt');
  needed.push(...listFiles().filter((file) => /^models\/[^/]+\/model\.json$/.test(file)));
  assert.deepEqual(needed.filter((file) => !paths.includes(file)), []);
  assert.ok(paths.some((file) => /^models\/shapes\/.*\.onnx$/.test(file)), 'the shapes weights');
});

test('the package has no tests, benches, data or build output', () => {
  const allowed =
    /^lib\/|^models\/(shapes\/|[^/]+\/model\.json$)|^(binding\.gyp|package\.json|sources\.json\.br|LICENSE|NOTICE\.md|README\.md)$|^scripts\/(native-deps|sources)\.mjs$|^prebuilds\/\w+-\w+\/minnow(\.\w+)*\.node$/;
  assert.deepEqual(paths.filter((file) => !allowed.test(file)), []);
  assert.deepEqual(paths.filter((file) => /^(?!prebuilds).*\.(jpe?g|png|pb|o|node|py)$/.test(file)), []);
});

test(`the package stays under ${MAX_UNPACKED_BYTES} bytes unpacked, prebuilt addons aside`, () => {
  const sizes = packed.files.filter(({ path: name }) => !name.startsWith('prebuilds/')).map(({ size }) => size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total < MAX_UNPACKED_BYTES, `${total} bytes`);
});

test('packing puts every file of src/ into one, as it is', () => {
  const texts = JSON.parse(brotliDecompressSync(fs.readFileSync(path.join(ROOT, SOURCES))));
  const files = listFiles().filter((file) => file.startsWith('src/'));
  assert.deepEqual(Object.keys(texts), files);
  for (const file of files) assert.equal(texts[file], readText(file), file);
});

test('where the addon must be compiled src/ is unpacked, and one that is there stays', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-sources-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(path.join(folder, 'scripts'));
  for (const file of [SOURCES, 'scripts/sources.mjs']) {
    fs.copyFileSync(path.join(ROOT, file), path.join(folder, file));
  }
  const unpack = () => execFileSync(process.execPath, ['scripts/sources.mjs', 'unpack'], { cwd: folder });
  unpack();
  const gypi = path.join(folder, 'src', 'sources.gypi');
  assert.equal(fs.readFileSync(gypi, 'utf8'), readText('src/sources.gypi'));
  fs.writeFileSync(gypi, 'changed');
  unpack();
  assert.equal(fs.readFileSync(gypi, 'utf8'), 'changed');
});

/** Every file that the exports map names, and the conditions on the way to it. */
function exported(value, conditions = []) {
  if (typeof value === 'string') return [{ file: value, conditions }];
  return Object.entries(value).flatMap(([key, inner]) => exported(inner, [...conditions, key]));
}

test('every path that package.json names exists', () => {
  const named = [manifest.main, manifest.types, ...Object.values(manifest.bin)];
  named.push(...exported(manifest.exports).map(({ file }) => file));
  assert.deepEqual(named.filter((file) => !fs.existsSync(path.join(ROOT, file))), []);
});

test('types come first in the exports map, as TypeScript wants', () => {
  for (const { conditions } of exported(manifest.exports)) {
    if (conditions[0] === './package.json') continue;
    const siblings = conditions.slice(0, -1).reduce((map, key) => map[key], manifest.exports);
    assert.equal(Object.keys(siblings)[0], 'types', conditions.join(' '));
  }
});

test('installing takes the prebuilt addon or compiles, and needs two small packages', () => {
  assert.equal(manifest.scripts.install, 'node-gyp-build "node scripts/sources.mjs unpack"');
  const hooks = ['preinstall', 'postinstall'];
  assert.deepEqual(hooks.filter((hook) => hook in manifest.scripts), []);
  assert.deepEqual(Object.keys(manifest.dependencies), ['node-addon-api', 'node-gyp-build']);
  const required = Object.keys(manifest.peerDependencies)
    .filter((name) => !manifest.peerDependenciesMeta[name]?.optional);
  assert.deepEqual(required, []);
});

test('no script of ours is run before or after another by its name alone', () => {
  const names = Object.keys(manifest.scripts);
  const hooked = names.filter((name) => /^(pre|post)/.test(name))
    .filter((name) => names.includes(name.replace(/^(pre|post)/, '')));
  assert.deepEqual(hooked, []);
});

test('the lock file names no registry host', (t) => {
  const lock = path.join(ROOT, 'package-lock.json');
  if (!fs.existsSync(lock)) {
    t.skip('no package-lock.json');
    return;
  }
  assert.doesNotMatch(fs.readFileSync(lock, 'utf8'), /"resolved": "http/);
});
