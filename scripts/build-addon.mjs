// Makes build/Release/minnow.node as `npm install` does, but compiles only what changed:
//   npm run build
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { headersFolder, nodeGyp } from './node-gyp.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);

function modified(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

/** Is `output` there and no older than every input? */
function isFresh(output, inputs) {
  return existsSync(output) && inputs.every((input) => modified(input) <= modified(output));
}

function run(what, command, args, env = {}) {
  console.log(`build: ${what}`);
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return;
  if (result.error) console.error(String(result.error));
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  console.error(`build: failed: ${command} ${args.join(' ')}`);
  process.exit(1);
}

const gyp = nodeGyp('build', root);
const installed = at('node_modules', '.package-lock.json');
if (!isFresh(installed, [at('package.json'), at('package-lock.json')])) {
  const verb = existsSync(at('package-lock.json')) ? 'ci' : 'install';
  run('npm packages', 'npm', [verb, '--ignore-scripts', '--no-audit', '--no-fund']);
}

const lists = [at('binding.gyp'), at('src', 'sources.gypi'), at('scripts', 'native-deps.mjs')];
if (!isFresh(at('build', 'Makefile'), [...lists, installed, process.execPath])) {
  const headers = headersFolder();
  run('configure', process.execPath, [
    gyp, 'configure', ...(headers === null ? [] : [`--nodedir=${headers}`]),
  ]);
}
run('addon', process.execPath, [gyp, 'build'], { JOBS: process.env.JOBS ?? 'max' });
