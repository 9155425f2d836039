// What `require('minnow/server')` gives: an HTTP server around the networks.
'use strict';

const net = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
const { MinnowError } = require('../errors.js');
const validate = require('../validate.js');
const { acceptsJson, classifyRoutes } = require('./classify-routes.js');
const { ServedModels } = require('./models.js');
const { openInferenceRoutes } = require('./open-inference-routes.js');
const { operationsRoutes } = require('./operations-routes.js');
const { pageRoutes } = require('./page-routes.js');
const { Service, describeError } = require('./service.js');

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 3000;
const BODY_LIMIT = 10 << 20;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const UPLOAD_GRACE_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;
const CHECKS_A_TIMEOUT = 5;
const DRAIN_MS = 10_000;
const GRACE_MS = 250;
const GRACE_STEP_MS = 10;
const RETRY_AFTER_S = 1;
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/** The framework is a peer dependency: only who runs a server needs it. */
function loadFastify() {
  try {
    return require('fastify');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw new MinnowError(
      'serve: the server needs the package fastify, version 5, which is not installed.\n' +
        'Possible remedy: npm install fastify@5',
      'ERR_NOT_FOUND',
      { cause: error },
    );
  }
}

function checkOptions(value) {
  const options = validate.options(value);
  const models = options.models ?? [undefined];
  if (!Array.isArray(models) || models.length === 0) {
    throw validate.wrongType('an array of at least one model', 'models', models);
  }
  const allowHosts = options.allowHosts ?? [];
  if (!validate.is.strings(allowHosts)) {
    throw validate.wrongType('an array of strings', 'allowHosts', allowHosts);
  }
  const count = (name, low, high, otherwise) =>
    validate.integer(options[name], name, low, high, otherwise);
  return {
    ...options,
    models,
    allowHosts,
    port: count('port', 0, 65_535, DEFAULT_PORT),
    concurrency: options.concurrency === undefined ? undefined : count('concurrency', 1, 256),
    queue: options.queue === undefined ? undefined : count('queue', 0, 100_000),
    drainMs: count('drainMs', 0, 3_600_000, DRAIN_MS),
    headersMs: count('headersMs', 1, 3_600_000, HEADERS_MS),
    requestMs: count('requestMs', 1, 3_600_000, REQUEST_MS),
    uploadGraceMs: count('uploadGraceMs', 0, 3_600_000, UPLOAD_GRACE_MS),
    bodyLimit: count('bodyLimit', 1, 1 << 30, BODY_LIMIT),
    logLevel: validate.oneOf(options.logLevel, 'logLevel', LOG_LEVELS, 'info'),
  };
}

function makeApp(options) {
  const { headersMs, requestMs } = options;
  const logger = options.logLevel === 'silent'
    ? false
    : { level: options.logLevel, stream: options.logStream ?? process.stderr };
  const { fastify, LogController } = loadFastify();
  const quiet = { disableRequestLogging: true };
  return fastify({
    logger,
    ...(LogController ? { logController: new LogController(quiet) } : quiet),
    bodyLimit: options.bodyLimit,
    exposeHeadRoutes: false,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 100 },
    http: {
      headersTimeout: Math.min(headersMs, requestMs),
      connectionsCheckingInterval: Math.ceil(Math.min(headersMs, requestMs) / CHECKS_A_TIMEOUT),
    },
  });
}

/** Answers an error in the form the client reads: JSON for the protocol and who asks for it. */
function sendError(request, reply, error) {
  const { status, code, message } = describeError(error);
  request.facts = { ...request.facts, code };
  if (status >= 500 && status !== 503 && status !== 502) request.log.error({ err: error }, 'failed');
  reply.code(status);
  if (status === 503) reply.header('retry-after', RETRY_AFTER_S);
  const asJson = request.url.startsWith('/v2') || acceptsJson(request);
  if (asJson) return reply.send({ error: message, code });
  return reply.type('text/plain; charset=utf-8').send(`${code}: ${message}\n`);
}

function addHooks(app, service) {
  app.decorateRequest('facts', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error));
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, new MinnowError(`no ${request.method} ${request.url.slice(0, 100)} here`,
      'ERR_NOT_FOUND')));
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (service.draining) reply.header('connection', 'close');
  });
  // Where the body never came, there is no response to count.
  app.addHook('onRequestAbort', async (request) => {
    if (request.raw.complete) return;
    const code = 'ERR_CANCELLED';
    service.metrics.errors.inc({ code });
    request.log.info({ method: request.method, route: request.routeOptions.url, code }, 'aborted');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { metrics } = service;
    metrics.requests.inc({ method: request.method, route, status: reply.statusCode });
    metrics.duration.observe(reply.elapsedTime / 1000, { route });
    if (request.facts?.code) metrics.errors.inc({ code: request.facts.code });
    const { method, facts } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    request.log.info({ method, route, status, ms, ...facts }, 'request');
  });
}

/** Whether the server has open connections. */
function isConnected(server) {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(count > 0)));
}

/**
 * Ends the server: no new connections, what was accepted is answered, then the models close.
 * Kept-alive connections stay open a moment more, while answers already tell clients to close them:
 * a request may be on its way, and http.Server.close() would lose it by closing them at once.
 */
async function drain(app, service, drainMs) {
  const { server } = app;
  service.draining = true;
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  try {
    const closed = new Promise((resolve) => net.Server.prototype.close.call(server, resolve));
    const until = performance.now() + Math.min(GRACE_MS, drainMs);
    while (performance.now() < until && (await isConnected(server))) await sleep(GRACE_STEP_MS);
    server.closeIdleConnections();
    await closed;
    await app.close();
  } finally {
    clearTimeout(timer);
    service.models.close();
  }
}

/**
 * Starts a server. Its interfaces: `/` (picture or URL in, label or JSON out; a page for
 * browsers), the Open Inference Protocol below `/v2`, `/healthz` and `/metrics`.
 *
 * @param {object} [options]
 * @param {string} [options.host='127.0.0.1']
 * @param {number} [options.port=3000] 0: any free one
 * @param {Array} [options.models] each a model as for MobileNet.load, or
 *   `{name, version, source, ...options of MobileNet.load}`; the first is the default
 * @param {number} [options.threads] as for MobileNet.load
 * @param {string[]} [options.allowHosts=[]] "HOST" or "HOST:PORT" that pictures may be fetched from
 *   though they are not public
 * @param {number} [options.concurrency] jobs that run at a time; default: the threads of the model
 * @param {number} [options.queue=64] requests that may wait besides; more are answered with 503
 * @param {number} [options.bodyLimit=10485760] bytes of a request's body
 * @param {number} [options.headersMs=10000] until a request's headers must have come
 * @param {number} [options.requestMs=30000] until all of it must have come
 * @param {number} [options.uploadGraceMs=2000] after this time a body that has not come gives its
 *   place to another request, where the queue is full
 * @param {number} [options.drainMs=10000] how long close() waits for requests in work
 * @param {string} [options.logLevel='info'] pino's, or 'silent'
 * @param {{write: Function}} [options.logStream=process.stderr] gets one JSON object a line
 * @returns {Promise<{url: string, port: number, app: object, close: () => Promise<void>}>}
 * @throws {MinnowError} ERR_NOT_FOUND when fastify or a model is missing; what MobileNet.load
 *   throws
 * @example
 * const server = await startServer({ port: 0, models: ['shapes'], logLevel: 'silent' });
 * console.log(server.url);
 * await server.close();
 */
async function startServer(options) {
  const checked = checkOptions(options);
  const app = makeApp(checked);
  const models = await ServedModels.load(checked.models, { threads: checked.threads });
  try {
    const service = new Service(models, checked);
    addHooks(app, service);
    classifyRoutes(app, service);
    openInferenceRoutes(app, service);
    operationsRoutes(app, service);
    pageRoutes(app);
    await app.listen({ host: checked.host ?? DEFAULT_HOST, port: checked.port });
    const { address, port, family } = app.server.address();
    const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    let closing = null;
    const close = () => (closing ??= drain(app, service, checked.drainMs));
    return { url, port, app, close };
  } catch (error) {
    models.close();
    await app.close();
    throw error;
  }
}

module.exports = { startServer };
