// What does a user read when there is no addon for the machine?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { ROOT, script } = require('./support/child.js');
const { temporaryFolder } = require('./support/pictures.js');

/** The loader alone, in a package without any build. */
function barePackage(t) {
  const folder = temporaryFolder(t);
  fs.mkdirSync(path.join(folder, 'lib'));
  for (const name of ['package.json', 'lib/binding.js', 'lib/errors.js']) {
    fs.copyFileSync(path.join(ROOT, name), path.join(folder, name));
  }
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

const LOAD = "try { require('./lib/binding.js') } catch (e) { console.log(e.name, e.code); console.log(e.message) }";

test('without an addon the error says the platform, what was looked for, and what to do', async (t) => {
  const { stdout } = await script(LOAD, { cwd: barePackage(t) });
  const libc = process.platform === 'linux' ? ', (glibc [\\d.]+|no glibc)' : '';
  assert.match(stdout, /^MinnowError ERR_NOT_FOUND$/m);
  assert.match(stdout, new RegExp(`for ${process.platform}-${process.arch}${libc} \\(Node.js v[\\d.]+\\)`));
  assert.match(stdout, /No native build was found for platform=/);
  assert.match(stdout, /Prebuilt in this installation: none\./);
  assert.match(stdout, /npm rebuild minnow --build-from-source/);
});

test('an addon that cannot be loaded is named, with the reason', async (t) => {
  const folder = barePackage(t);
  const platform = `${process.platform}-${process.arch}`;
  fs.mkdirSync(path.join(folder, 'prebuilds', platform), { recursive: true });
  fs.writeFileSync(path.join(folder, 'prebuilds', platform, 'minnow.node'), 'no library');
  const { stdout } = await script(LOAD, { cwd: folder });
  assert.match(stdout, /prebuilds.*minnow\.node/);
  assert.match(stdout, new RegExp(`Prebuilt in this installation: ${platform}\\.`));
});
