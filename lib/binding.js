// Where is the native addon, and what to do when it cannot be loaded?
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { MinnowError } = require('./errors.js');

const ROOT = path.join(__dirname, '..');

/** Platforms that this installation has a prebuilt addon for. */
function prebuilt() {
  try {
    return fs.readdirSync(path.join(ROOT, 'prebuilds')).join(', ') || 'none';
  } catch {
    return 'none';
  }
}

/** The text of the error when nothing could be loaded. */
function remedies(reason) {
  const { platform, arch, version, report } = process;
  const glibc = report?.getReport().header.glibcVersionRuntime;
  const libc = platform !== 'linux' ? '' : `, ${glibc ? `glibc ${glibc}` : 'no glibc'}`;
  return [
    `Could not load minnow's native addon for ${platform}-${arch}${libc} (Node.js ${version}).`,
    `  ${reason.trim().replaceAll('\n', '\n  ')}`,
    `Prebuilt in this installation: ${prebuilt()}.`,
    'Possible remedies:',
    '  1. Build it: run `npm rebuild minnow --build-from-source` (in a checkout: `npm install`). This',
    '     needs a C++17 compiler, Python 3, and the headers of libjpeg and libpng; in a checkout on',
    '     Debian, `bash scripts/setup.sh` installs them.',
    '  2. If npm ran with --ignore-scripts and nothing above is prebuilt for this platform, install',
    '     again without it; npm 11 asks before it runs install scripts.',
    '  3. If node_modules came from another system or C library, install again on this one.',
    '  4. In a bundle, keep the package minnow out of it: docs/bundlers.md.',
  ].join('\n');
}

function loadAddon() {
  try {
    // Bundlers know this call by its form: build/Release, then prebuilds/.
    return require('node-gyp-build')(path.join(__dirname, '..'));
  } catch (error) {
    throw new MinnowError(remedies(error.message), 'ERR_NOT_FOUND', { cause: error });
  }
}

const addon = loadAddon();
addon.initialize({ MinnowError });
// process.exit() and uncaught errors on the main thread run no cleanup hooks of addons, so the
// jobs that run are ended here, before the process takes its memory apart.
process.on('exit', () => addon.shutdown());

module.exports = addon;
