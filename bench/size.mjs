// How much does minnow take on disk once it is installed, beside sharp + ONNX Runtime?
//
//   node bench/size.mjs [--json F] [--markdown F] [--svg F]
//
// The package is packed and installed as a user would (without a network: its two dependencies come
// from this checkout), with the prebuilt addon of `npm run prebuilds`. A size is the sum of the
// sizes of files, of a package and of all that it depends on; the peers are those in bench/peers.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { missing } from '../lib/bench/peers.js';
import { RESULT_OPTIONS, textOf, writeResults } from './support/results.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PEERS = path.join(ROOT, 'bench', 'peers');
const PREBUILD = path.join(ROOT, 'prebuilds', `${process.platform}-${process.arch}`);
const MEGABYTE = 1e6;

const manifestOf = (folder) => JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));

/** [path, bytes] of each file, those of packages inside of the folder left out. */
function filesOf(folder, prefix = '') {
  return fs.readdirSync(path.join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(prefix, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesOf(folder, name);
    return entry.isFile() ? [[name, fs.statSync(path.join(folder, name)).size]] : [];
  });
}

const sum = (sizes) => sizes.reduce((total, size) => total + size, 0);
const sizeOf = (folder) => sum(filesOf(folder).map(([, size]) => size));

/** The folder that Node.js would take a package from, or null. */
function findPackage(name, from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (fs.existsSync(found)) return found;
    if (folder === path.dirname(folder)) return null;
  }
}

/** The folders of packages and of all that they depend on; other platforms' are not installed. */
function closure(names, from, found = new Set()) {
  for (const folder of names.map((name) => findPackage(name, from))) {
    if (folder === null || found.has(folder)) continue;
    found.add(folder);
    const { dependencies, optionalDependencies } = manifestOf(folder);
    closure(Object.keys({ ...dependencies, ...optionalDependencies }), folder, found);
  }
  return found;
}

/** Packs minnow and installs it into a folder. */
function install(folder) {
  const npm = (args, cwd) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  npm(['pack', '--silent', '--pack-destination', folder], ROOT);
  const tarball = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'));
  const dependencies = Object.keys(manifestOf(ROOT).dependencies)
    .map((name) => path.join(ROOT, 'node_modules', name));
  const user = path.join(folder, 'user');
  fs.mkdirSync(user);
  fs.writeFileSync(path.join(user, 'package.json'), '{"name": "user", "version": "1.0.0"}\n');
  const options = ['--offline', '--install-links', '--ignore-scripts', '--no-audit', '--no-fund'];
  npm(['install', ...options, path.join(folder, tarball), ...dependencies], user);
  return user;
}

/** "3.0 MB of prebuilds", the largest first: what the package consists of. */
function partsOf(folder) {
  const parts = new Map();
  for (const [name, size] of filesOf(folder)) {
    const [first, second] = name.split('/');
    const part = ['guests', 'shapes'].includes(second) ? `${first}/${second}` : first;
    parts.set(part, (parts.get(part) ?? 0) + size);
  }
  return [...parts].sort(([, a], [, b]) => b - a)
    .map(([part, size]) => `${(size / MEGABYTE).toFixed(2)} MB ${part}`);
}

/**
 * @param {{parts?: boolean}} [options] parts: also print what the package consists of
 * @returns {object[]} a section of results; none without the prebuilt addon
 */
export function benchSize({ parts = false } = {}) {
  if (!fs.existsSync(PREBUILD)) {
    console.log('The size of an install is that with a prebuilt addon: npm run prebuilds\n');
    return [];
  }
  const peers = ['onnxruntime-node', 'sharp'];
  const contenders = [];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-size-'));
  try {
    const user = install(folder);
    const packages = [...closure(['minnow'], user)];
    contenders.push({ name: 'minnow', size: sum(packages.map(sizeOf)) });
    if (parts) {
      console.log(partsOf(packages[0]).join('\n'));
      for (const one of packages.slice(1)) {
        console.log(`${(sizeOf(one) / MEGABYTE).toFixed(2)} MB ${manifestOf(one).name}`);
      }
      console.log();
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  if (peers.every((name) => findPackage(name, PEERS) !== null)) {
    const size = sum([...closure(peers, PEERS)].map(sizeOf));
    contenders.push({ name: peers.join(' + '), size });
  } else {
    console.log(missing(peers.join(' or ')));
  }
  const rows = contenders.map(({ name, size }) => {
    const [megabytes, ratio] = [size / MEGABYTE, size / contenders[0].size];
    return { name, median: megabytes, low: megabytes, high: megabytes, ratio };
  });
  const note = 'with all dependencies, on this platform';
  return [{ name: 'Installed size', unit: 'MB', note, groups: [{ name: 'packages', rows }] }];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: RESULT_OPTIONS });
  const sections = benchSize({ parts: true });
  for (const section of sections) console.log(textOf(section));
  writeResults(sections, values);
}
