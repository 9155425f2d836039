// Where is the native addon, and what to do when it cannot be loaded?
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { MinnowError } = require('./errors.js');

const ROOT = path.join(__dirname, '..');

/** Where the addon may lie, in the order of trying. */
function candidates() {
  return [
    path.join(ROOT, 'build', 'Release', 'minnow.node'),
    path.join(ROOT, 'build', 'Debug', 'minnow.node'),
    path.join(ROOT, 'prebuilds', `${process.platform}-${process.arch}`, 'minnow.node'),
  ];
}

/** The text of the error when nothing could be loaded. */
function remedies(tried) {
  return [
    `Could not load minnow's native addon for ${process.platform}-${process.arch} (Node.js ${process.version}).`,
    'Tried:',
    ...tried.map(({ file, reason }) => `  ${file}: ${reason}`),
    'Possible remedies:',
    '  1. Build it: run `npm rebuild minnow` (in a checkout: `npm install`). This needs a C++17 compiler,',
    '     Python 3, and the headers of libjpeg and libpng; in a checkout on Debian, `bash scripts/setup.sh`',
    '     installs them.',
    '  2. If npm ran with --ignore-scripts, install again without it.',
    '  3. If node_modules came from another system or C library, install again on this one.',
  ].join('\n');
}

function loadAddon() {
  const tried = [];
  for (const file of candidates()) {
    if (!fs.existsSync(file)) {
      tried.push({ file, reason: 'no such file' });
      continue;
    }
    try {
      return require(file);
    } catch (error) {
      tried.push({ file, reason: error.message });
    }
  }
  throw new MinnowError(remedies(tried), 'ERR_NOT_FOUND');
}

const addon = loadAddon();
addon.initialize({ MinnowError });
// process.exit() and uncaught errors on the main thread run no cleanup hooks of addons, so the
// jobs that run are ended here, before the process takes its memory apart.
process.on('exit', () => addon.shutdown());

module.exports = addon;
module.exports.candidates = candidates;
