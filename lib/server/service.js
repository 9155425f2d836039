// What do the routes share: models, queue, metrics, fetching, and how a picture is classified.
'use strict';

const { MinnowError } = require('../errors.js');
const { classifyOne } = require('./classify-one.js');
const { makeFetchImage } = require('./fetch-image.js');
const { makeMetrics } = require('./metrics.js');
const { WorkQueue } = require('./work-queue.js');

const DEFAULT_QUEUE = 64;

/** HTTP status of each code; others are bugs. */
const STATUS = {
  ERR_INVALID_ARG_TYPE: 400,
  ERR_OUT_OF_RANGE: 400,
  ERR_INVALID_ARGUMENT: 400,
  ERR_INVALID_IMAGE: 400,
  ERR_UNSUPPORTED: 400,
  ERR_FETCH_BLOCKED: 403,
  ERR_NOT_FOUND: 404,
  ERR_OUT_OF_MEMORY: 413,
  ERR_CANCELLED: 499,
  ERR_FETCH_FAILED: 502,
  ERR_BUSY: 503,
  ERR_CLOSED: 503,
};

/** @returns {{status: number, code: string, message: string}} what a client may know of an error */
function describeError(error) {
  const code = typeof error?.code === 'string' ? error.code : 'ERR_INTERNAL';
  const status = STATUS[code];
  if (status !== undefined) return { status, code, message: error.message };
  const own = error?.statusCode;
  if (own >= 400 && own < 500) return { status: own, code, message: error.message };
  return { status: 500, code: 'ERR_INTERNAL', message: 'internal error' };
}

/** Aborts when the client goes away before it has its answer. */
function signalOf(reply) {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) {
      controller.abort(new MinnowError('the client went away', 'ERR_CANCELLED'));
    }
  });
  return controller.signal;
}

/** State of one server. */
class Service {
  draining = false;
  // Requests whose bodies may not have come yet, the oldest first.
  #uploads = new Set();
  #uploadGraceMs;

  constructor(models, options) {
    this.models = models;
    this.#uploadGraceMs = options.uploadGraceMs;
    const concurrency = options.concurrency ?? Math.max(models.get().model.threads, 1);
    this.queue = new WorkQueue(concurrency, options.queue ?? DEFAULT_QUEUE);
    this.metrics = makeMetrics(this.queue);
    this.fetch = makeFetchImage({ allowHosts: options.allowHosts, lookup: options.lookup });
    this.admit = this.admit.bind(this);
  }

  /** An onRequest hook: takes the request on before its body is read, or refuses it. */
  admit(request, reply, done) {
    try {
      if (this.queue.isFull) this.#dropSlowest();
      const release = this.queue.admit();
      const upload = { message: request.raw, since: performance.now(), release };
      this.#uploads.add(upload);
      reply.raw.once('close', () => {
        this.#uploads.delete(upload);
        release();
      });
      done();
    } catch (error) {
      done(error);
    }
  }

  /** Who sends a body byte by byte keeps a place only until somebody else needs it. */
  #dropSlowest() {
    const now = performance.now();
    for (const upload of this.#uploads) {
      if (now - upload.since < this.#uploadGraceMs) return;
      this.#uploads.delete(upload);
      if (upload.message.complete) continue;
      upload.message.destroy(new MinnowError('the body came too slowly', 'ERR_CANCELLED'));
      upload.release();
      this.metrics.dropped.inc();
      return;
    }
  }

  /** The bytes that a URL gives. */
  async fetchImage(url, signal) {
    const start = performance.now();
    try {
      return await this.fetch(url, signal);
    } finally {
      this.metrics.fetch.observe((performance.now() - start) / 1000);
    }
  }

  /**
   * Classifies one picture when its turn comes.
   * @returns {Promise<{predictions: Array, ms: {decode: number, infer: number}}>}
   */
  classify({ net, name, version }, bytes, topK, signal) {
    if (net === null) throw new MinnowError(`model ${name} takes no pictures`, 'ERR_UNSUPPORTED');
    return this.queue.run(signal, async () => {
      const { predictions, ms } = await classifyOne(net, bytes, { topK, signal });
      this.metrics.decode.observe(ms.decode / 1000, { model: name, version });
      this.metrics.inference.observe(ms.infer / 1000, { model: name, version });
      return { predictions, ms };
    });
  }

  /** Runs a network on tensors when its turn comes. */
  infer({ model, name, version }, feeds, signal) {
    return this.queue.run(signal, async () => {
      const start = performance.now();
      const results = await model.run(feeds, { signal });
      this.metrics.inference.observe((performance.now() - start) / 1000, { model: name, version });
      return results;
    });
  }
}

module.exports = { Service, describeError, signalOf };
