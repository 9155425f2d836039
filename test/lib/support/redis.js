// A redis-server (or valkey-server) of its own for a test, where there is one.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { once } = require('node:events');
const { temporaryFolder } = require('./pictures.js');

const program = (process.env.PATH ?? '').split(path.delimiter)
  .flatMap((folder) => ['redis-server', 'valkey-server'].map((name) => path.join(folder, name)))
  .find((file) => fs.existsSync(file));

/** The `skip` option of node:test. */
const skipWithoutRedis = program === undefined ? 'no redis-server (scripts/setup.sh dev)' : false;

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** @returns {Promise<string>} the URL of a server that lives as long as the test */
async function startRedis(t) {
  const port = await freePort();
  const child = spawn(program, [
    '--port', `${port}`, '--bind', '127.0.0.1', '--dir', temporaryFolder(t), '--save', '',
    '--maxmemory-policy', 'noeviction',
  ], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve, reject) => {
    let said = '';
    child.on('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (/ready to accept connections/i.test(said)) resolve();
    });
  });
  return `redis://127.0.0.1:${port}`;
}

module.exports = { skipWithoutRedis, startRedis };
