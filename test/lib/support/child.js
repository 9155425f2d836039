// Runs Node programs in processes of their own.
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { temporaryFolder } = require('./pictures.js');

const ROOT = path.join(__dirname, '..', '..', '..');
const CLI = path.join(ROOT, 'lib', 'cli', 'minnow.js');
const STRESS = process.env.MINNOW_STRESS === '1';
const TIMEOUT_MS = STRESS ? 3_600_000 : 120_000;

/** How often to do what finds rare races: `few` in `npm test`, `all` with MINNOW_STRESS=1. */
const times = (few, all) => (STRESS ? all : few);

/**
 * @param {string[]} args of node
 * @param {{input?: Buffer|string, env?: object, cwd?: string, within?: string[]}} [options]
 *   `within`: a command that runs node, like ['taskset', '-c', '0']
 * @returns {Promise<{code: number|null, signal: string|null, stdout: string, stderr: string}>}
 */
function node(args, { input, env, cwd = ROOT, within = [] } = {}) {
  return new Promise((resolve, reject) => {
    const [command, ...rest] = [...within, process.execPath, ...args];
    const child = spawn(command, rest, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      timeout: TIMEOUT_MS,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.on('error', () => {}); // a child that does not read its input
    child.stdin.end(input);
  });
}

/** A program given as text. */
const script = (text, { flags = [], ...options } = {}) => node([...flags, '-e', text], options);

/** The command line. */
const cli = (args, options) => node([CLI, ...args], options);

/**
 * Runs the command line as installed without any peer dependency; without the addon, too, where
 * `parts` leaves out 'build'.
 */
function bareCli(t, args, options, parts = ['lib', 'models', 'build', 'package.json']) {
  const folder = temporaryFolder(t);
  for (const part of parts) fs.symlinkSync(path.join(ROOT, part), path.join(folder, part));
  fs.mkdirSync(path.join(folder, 'node_modules'));
  const finder = path.join('node_modules', 'node-gyp-build');
  fs.symlinkSync(path.join(ROOT, finder), path.join(folder, finder));
  const main = path.join(folder, 'lib', 'cli', 'minnow.js');
  return node(['--preserve-symlinks', '--preserve-symlinks-main', main, ...args], options);
}

/** Runs a program that must end well and say nothing on standard error. @returns its output */
async function runsClean(text, options) {
  const { code, signal, stdout, stderr } = await script(text, options);
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return stdout;
}

module.exports = { CLI, ROOT, bareCli, cli, node, runsClean, script, times };
