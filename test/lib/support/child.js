// Runs Node programs in processes of their own.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { temporaryFolder } = require('./pictures.js');

const ROOT = path.join(__dirname, '..', '..', '..');
const CLI = path.join(ROOT, 'lib', 'cli', 'minnow.js');
const TIMEOUT_MS = 120_000;

/**
 * @param {string[]} args of node
 * @param {{input?: Buffer|string, env?: object, cwd?: string}} [options]
 * @returns {Promise<{code: number|null, signal: string|null, stdout: string, stderr: string}>}
 */
function node(args, { input, env, cwd = ROOT } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
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
const script = (text, options) => node(['-e', text], options);

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

module.exports = { CLI, ROOT, bareCli, cli, node, script };
