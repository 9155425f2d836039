// Is the prebuilt addon small, on its own, and good for pictures? `npm run prebuilds` makes it.
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');

const ROOT = path.join(__dirname, '..', '..');
const FOLDER = path.join(ROOT, 'prebuilds', `${process.platform}-${process.arch}`);
const MAX_BYTES = 3_000_000;
// 24 x 16 pixels of orange.
const JPEG = [
  '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/',
  '2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAAR',
  'CAAQABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAA',
  'AAAAAAAAAAAAAAX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCgBEXAAH//2Q==',
].join('');

const files = fs.existsSync(FOLDER) ? fs.readdirSync(FOLDER) : [];
const skip = files.length === 0 && 'no prebuilds/ for this platform (npm run prebuilds)';

test('there is one addon for this platform, tagged with its C library', { skip }, () => {
  assert.deepEqual(files, [process.platform === 'linux' ? 'minnow.glibc.node' : 'minnow.node']);
});

test(`a platform takes less than ${MAX_BYTES} bytes`, { skip }, (t) => {
  const sizes = files.map((name) => fs.statSync(path.join(FOLDER, name)).size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  t.diagnostic(`${total} bytes`);
  assert.ok(total < MAX_BYTES, `${total} bytes`);
});

test('it needs the C and C++ libraries of the system and nothing else', (t) => {
  const file = path.join(FOLDER, files[0] ?? '');
  const elf = skip ? { error: true } : spawnSync('readelf', ['--dynamic', file], { encoding: 'utf8' });
  if (elf.error) {
    t.skip(skip || 'no readelf');
    return;
  }
  const needed = [...elf.stdout.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name);
  const system = /^(libc|libm|libstdc\+\+|libgcc_s|libpthread|libdl|ld-linux.*)\.so\.\d+$/;
  assert.ok(needed.length > 0);
  assert.deepEqual(needed.filter((name) => !system.test(name)), []);
  assert.doesNotMatch(elf.stdout, /RPATH|RUNPATH/);
});

test('it classifies a JPEG and a PNG as the addon of this checkout does', { skip }, () => {
  const script = `
    const { MobileNet } = require('./lib');
    const { large, png } = require('./test/lib/support/pictures.js');
    const net = MobileNet.loadSync();
    const jpeg = Buffer.from(${JSON.stringify(JPEG)}, 'base64');
    console.log([png(1), large(300), jpeg].map((image) => net.classifySync(image)[0].label).join(' '));`;
  const run = (env) => {
    const result = spawnSync(process.execPath, ['-e', script], {
      cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env },
    });
    assert.equal(result.status, 0, result.stderr);
    return result.stdout;
  };
  assert.equal(run({ PREBUILDS_ONLY: '1' }), run({}));
});
