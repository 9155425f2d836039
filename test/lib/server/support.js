// A server of ours for a test, in this process or in one of its own.
'use strict';

const { spawn } = require('node:child_process');
const { startServer } = require('../../../lib/server/index.js');
const { CLI, ROOT } = require('../support/child.js');

/** @returns {Promise<{url: string, logs: object[], close: Function}>} closed after the test */
async function serve(t, options) {
  const logs = [];
  const logStream = { write: (line) => logs.push(JSON.parse(line)) };
  const server = await startServer({ port: 0, logStream, ...options });
  t.after(() => server.close());
  return { ...server, logs };
}

/**
 * `minnow serve` as a process.
 * @returns {Promise<{child, url: string, logs: object[], ended: Promise<{code, signal}>}>}
 */
async function serveProcess(t, args = [], command = 'serve') {
  const child = spawn(process.execPath, [CLI, command, '--port', '0', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  const logs = [];
  let rest = '';
  const url = await new Promise((resolve, reject) => {
    ended.then(() => reject(new Error(`ended: ${rest}${JSON.stringify(logs)}`)));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines.filter((one) => one.startsWith('{'))) logs.push(JSON.parse(line));
      const serving = logs.find(({ msg }) => msg === 'serving');
      if (serving) resolve(serving.url);
    });
  });
  return { child, url, logs, ended };
}

/** Resolves once `check` gives something true; it is asked again and again. */
async function until(check) {
  for (;;) {
    const found = await check();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

module.exports = { serve, serveProcess, until };
