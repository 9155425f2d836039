// Runs Node programs in processes of their own.
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');

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

module.exports = { CLI, ROOT, cli, node, script };
