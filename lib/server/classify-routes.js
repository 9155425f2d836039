// The plain way to ask: any method on /, a picture or its URL in, its label out.
'use strict';

const http = require('node:http');
const { MinnowError } = require('../errors.js');
const { is } = require('../validate.js');
const { MAX_URL_CHARS, looksLikeImage } = require('./fetch-image.js');
const { parseMultipart } = require('./multipart.js');
const { sendPage, wantsPage } = require('./page-routes.js');
const { signalOf } = require('./service.js');

const MAX_TOP = 1000;
const USAGE = 'send a JPEG or PNG, or the URL of one as text or as ?url=';

/** Methods that a route can have: all of them but CONNECT, which is no request for a resource. */
const METHODS = http.METHODS.filter((method) => method !== 'CONNECT');

const invalid = (why) => new MinnowError(why, 'ERR_INVALID_ARGUMENT');

/** Whether the client asked for JSON. */
function acceptsJson(request) {
  return /\bapplication\/json\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/i.test(request.headers.accept ?? '');
}

function fromJson(body) {
  let json;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid('the body is not JSON');
  }
  if (is.object(json) && is.string(json.url)) return { url: json.url };
  if (is.object(json) && is.string(json.image)) return { bytes: Buffer.from(json.image, 'base64') };
  throw invalid('the JSON has neither "image" (base64) nor "url"');
}

function fromMultipart(body, type) {
  const parts = parseMultipart(body, type);
  const file = parts.find((part) => part.file && part.data.length > 0) ??
    parts.find((part) => looksLikeImage(part.data));
  if (file !== undefined) return { bytes: file.data };
  const url = parts.find((part) => part.name === 'url');
  if (url !== undefined) return { url: url.data.toString('utf8').trim() };
  throw invalid('no part of the form is a file or named url');
}

/**
 * What the request asks about.
 * @returns {{bytes: Buffer}|{url: string}}
 */
function askedAbout(request) {
  const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
  const type = request.headers['content-type'] ?? '';
  if (body.length === 0) {
    if (is.string(request.query.url)) return { url: request.query.url };
    throw invalid(USAGE);
  }
  if (/^multipart\/form-data\b/i.test(type)) return fromMultipart(body, type);
  if (/^application\/json\b/i.test(type)) return fromJson(body);
  const binary = /^(image\/|application\/octet-stream)/i.test(type);
  if (binary || looksLikeImage(body)) return { bytes: body };
  // Four bytes a character at most; blanks around the URL are cut off.
  if (body.length > 4 * MAX_URL_CHARS) throw invalid(`the URL is too long; ${USAGE}`);
  return { url: body.toString('utf8').trim() };
}

function topOf(query) {
  const text = query.top ?? '5';
  const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (!(value >= 1 && value <= MAX_TOP)) {
    throw invalid(`top must be a whole number from 1 to ${MAX_TOP}`);
  }
  return value;
}

/**
 * @param {object} app fastify
 * @param {import('./service.js').Service} service
 */
function classifyRoutes(app, service) {
  const withBody = { hasBody: true, overrideExisting: true };
  for (const method of METHODS) app.addHttpMethod(method, withBody);
  app.route({
    method: METHODS,
    url: '/',
    onRequest: (request, reply, done) =>
      wantsPage(request) ? done() : service.admit(request, reply, done),
    handler: async (request, reply) => {
      if (wantsPage(request)) return sendPage(reply);
      const signal = signalOf(reply);
      const served = service.models.get(request.query.model, request.query.version);
      const top = acceptsJson(request) ? topOf(request.query) : 1;
      const asked = askedAbout(request);
      const bytes = asked.bytes ?? (await service.fetchImage(asked.url, signal));
      const { predictions, ms } = await service.classify(served, bytes, top, signal);
      request.facts = { model: served.name, decodeMs: ms.decode, inferMs: ms.infer };
      if (acceptsJson(request)) {
        return { model: served.name, version: served.version, predictions, ms };
      }
      return reply.type('text/plain; charset=utf-8').send(predictions[0].label);
    },
  });
}

module.exports = { acceptsJson, classifyRoutes };
