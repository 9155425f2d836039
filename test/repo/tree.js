// The files of this repository, for the tests that hold it to its own rules.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const SKIPPED = new Set(['.git', 'build', 'coverage', 'node_modules', 'out', 'prebuilds']);

function walk(folder) {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (!entry.isDirectory()) return [name];
    return SKIPPED.has(entry.name) || entry.name.startsWith('build-') ? [] : walk(name);
  });
}

/** Paths from the root, sorted: what git tracks or would track; without git, all there is. */
function listFiles() {
  let files;
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    files = listed.split('\0').filter((file) => file && fs.existsSync(path.join(ROOT, file)));
  } catch {
    files = walk('');
  }
  return files.sort();
}

function readText(file) {
  return fs.readFileSync(path.join(ROOT, file), 'utf8');
}

/** Lines of `text`, without the empty one after the last newline. */
function linesOf(text) {
  return text.replace(/\n$/, '').split('\n');
}

module.exports = { ROOT, linesOf, listFiles, readText };
