// Makes prebuilds/PLATFORM-ARCH/ for the package, from what would be packed: npm run prebuilds
// libjpeg-turbo, libpng and zlib go into the addon, so that it needs nothing but the C and C++
// libraries. Before a release this runs on each platform, and the folders are gathered.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import prebuildify from 'prebuildify';

import { headersFolder, nodeGyp } from './node-gyp.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);

/** Unpacks the package into `folder`, without what earlier builds left in prebuilds/. */
function unpack(folder) {
  const args = ['pack', '--silent', '--pack-destination', folder];
  const [tarball] = execFileSync('npm', args, { cwd: root, encoding: 'utf8' }).trim().split('\n').slice(-1);
  execFileSync('tar', ['-xzf', path.join(folder, tarball), '-C', folder]);
  const unpacked = path.join(folder, 'package');
  rmSync(path.join(unpacked, 'prebuilds'), { recursive: true, force: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(unpacked, 'node_modules'));
  execFileSync(process.execPath, ['scripts/sources.mjs', 'unpack'], { cwd: unpacked });
  return unpacked;
}

const gyp = nodeGyp('prebuilds', root);
const headers = headersFolder();
const work = mkdtempSync(path.join(os.tmpdir(), 'minnow-prebuild-'));
try {
  Object.assign(process.env, { MINNOW_STATIC: '1', JOBS: process.env.JOBS ?? 'max' });
  // Tables for exceptions and debuggers: a stripped library without exceptions has no use for 6 %.
  process.env.CXXFLAGS = '-fno-asynchronous-unwind-tables -fno-unwind-tables';
  if (headers !== null) process.env.npm_config_nodedir = headers;
  const cwd = unpack(work);
  rmSync(out, { recursive: true, force: true });
  await promisify(prebuildify)({
    cwd,
    out: root,
    nodeGyp: gyp,
    targets: [process.version],
    napi: true,
    strip: true,
    tagLibc: true,
    tagArmv: process.arch === 'arm64',
    quiet: Boolean(process.env.CI),
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const name of readdirSync(out)) {
  console.log(`prebuild: ${path.join(out, name)}, ${statSync(path.join(out, name)).size} bytes`);
}
