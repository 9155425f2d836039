// The page that a browser gets at `/`: fixed files from the package, nothing from elsewhere.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const FOLDER = path.join(__dirname, 'page');
const FILES = {
  'page.css': 'text/css; charset=utf-8',
  'page.mjs': 'text/javascript; charset=utf-8',
  'page.svg': 'image/svg+xml',
};
// blob: is the preview of the picture that the user chose.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:",
  "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
].join('; ');
const HEADERS = {
  'cache-control': 'no-cache',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

const read = (name) => fs.readFileSync(path.join(FOLDER, name));
const page = read('index.html');

/** Whether a request to `/` comes from someone who opens it in a browser and asks nothing. */
function wantsPage({ method, headers, query }) {
  return (method === 'GET' || method === 'HEAD') &&
    /\btext\/html\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/i.test(headers.accept ?? '') &&
    (headers['content-length'] ?? '0') === '0' &&
    headers['transfer-encoding'] === undefined &&
    query.url === undefined;
}

/** Answers with the page. */
function sendPage(reply) {
  return reply.headers({ ...HEADERS, vary: 'accept' }).type('text/html; charset=utf-8').send(page);
}

/** @param {object} app fastify */
function pageRoutes(app) {
  for (const [name, type] of Object.entries(FILES)) {
    const bytes = read(name);
    app.get(`/${name}`, async (request, reply) => reply.headers(HEADERS).type(type).send(bytes));
  }
}

module.exports = { pageRoutes, sendPage, wantsPage };
