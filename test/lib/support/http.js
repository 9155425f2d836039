// HTTP for tests: clients that may send a body with any method, servers on free ports.
'use strict';

const http = require('node:http');
const { once } = require('node:events');

/**
 * One request on a connection of its own, or of `agent`.
 * @param {string} url
 * @param {{method?: string, headers?: object, body?: Buffer|string, agent?: http.Agent}} [options]
 * @returns {Promise<{status: number, headers: object, body: Buffer, text: string}>}
 */
function ask(url, { method = 'GET', headers = {}, body, agent = false } = {}) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = http.request(url, { method, headers: { ...length, ...headers }, agent });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const all = Buffer.concat(chunks);
        const { statusCode: status, headers: answered } = response;
        resolve({ status, headers: answered, body: all, text: all.toString() });
      });
    });
    request.end(body);
  });
}

/** POSTs JSON and parses what comes back. */
async function askJson(url, value, options = {}) {
  const headers = { 'content-type': 'application/json', ...options.headers };
  const answer = await ask(url, { method: 'POST', body: JSON.stringify(value), ...options, headers });
  return { ...answer, json: JSON.parse(answer.text) };
}

/**
 * A server on 127.0.0.1 that lives as long as the test.
 * @returns {Promise<{url: string, port: number, server: http.Server}>}
 */
async function host(t, handler) {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address();
  return { url: `http://127.0.0.1:${port}`, port, server };
}

module.exports = { ask, askJson, host };
