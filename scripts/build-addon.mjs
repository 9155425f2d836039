// Makes build/Release/minnow.node as `npm install` does, but compiles only what changed:
//   npm run build
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

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

/** npm tells its scripts where its own node-gyp is; started without npm, ask npm to start us. */
function nodeGyp() {
  const script = process.env.npm_config_node_gyp;
  if (script) return script;
  const again = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  return process.exit(again.status ?? 1);
}

/** Headers beside the node binary spare node-gyp a download. */
function headerArgs() {
  if (process.env.npm_config_nodedir) return [];
  const prefix = path.join(path.dirname(process.execPath), '..');
  return existsSync(path.join(prefix, 'include', 'node', 'node_api.h')) &&
    existsSync(path.join(prefix, 'include', 'node', 'common.gypi'))
    ? [`--nodedir=${prefix}`]
    : [];
}

const gyp = nodeGyp();
const installed = at('node_modules', '.package-lock.json');
if (!isFresh(installed, [at('package.json'), at('package-lock.json')])) {
  const verb = existsSync(at('package-lock.json')) ? 'ci' : 'install';
  run('npm packages', 'npm', [verb, '--ignore-scripts', '--no-audit', '--no-fund']);
}

const lists = [at('binding.gyp'), at('src', 'sources.gypi'), at('scripts', 'native-deps.mjs')];
if (!isFresh(at('build', 'Makefile'), [...lists, installed, process.execPath])) {
  run('configure', process.execPath, [gyp, 'configure', ...headerArgs()]);
}
run('addon', process.execPath, [gyp, 'build'], { JOBS: process.env.JOBS ?? 'max' });
