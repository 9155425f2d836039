// How does a container speak the action protocol of Apache OpenWhisk (docs/actions-new.md)?
// On node:http alone: an action that starts cold loads nothing that it does not need.
'use strict';

const http = require('node:http');
const { is } = require('../validate.js');

const BODY_LIMIT = 48 << 20;
const SENTINEL = 'XX' + 'X_THE_END_OF_A_WHISK_ACTIVATION_XX' + 'X\n';
const BAD_REQUEST = { status: 500, body: { error: 'Bad request.' } };

/** Keeps the names of ours out of the messages of theirs. */
const failure = (status, error) => ({ status, body: { error } });

/** @returns {Promise<object|null>} null when it is no JSON object or too large */
async function readJson(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_LIMIT) return null;
    chunks.push(chunk);
  }
  try {
    const json = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return is.object(json) ? json : null;
  } catch {
    return null;
  }
}

function setEnv(values) {
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || /[=\0]/.test(name)) continue;
    process.env[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** What a run brings along becomes __OW_ACTIVATION_ID and so on. */
function setRunEnv(request) {
  const context = Object.entries(request).filter(([name, value]) =>
    name !== 'value' && (typeof value === 'string' || typeof value === 'number'));
  setEnv(Object.fromEntries(context.map(([name, value]) => [`__OW_${name.toUpperCase()}`, `${value}`])));
}

/** One action container: cold, then initialised once, then run many times. */
class ActionContainer {
  #entries;
  #ready;
  #concurrent;
  #streams;
  #action = null;
  #initialising = false;
  #running = 0;

  /**
   * @param {Object<string, (params: object) => object|Promise<object>>} entries actions by the name
   *   that /init gives as "main"
   * @param {object} [options]
   * @param {() => Promise<void>} [options.ready] awaited by /init
   * @param {boolean} [options.concurrent] whether runs may overlap; default: what
   *   __OW_ALLOW_CONCURRENT says
   * @param {Array<{write: Function}>} [options.streams] that get the end marker of each activation
   */
  constructor(entries, options = {}) {
    this.#entries = entries;
    this.#ready = options.ready ?? (async () => {});
    this.#concurrent = options.concurrent ?? process.env.__OW_ALLOW_CONCURRENT === 'true';
    this.#streams = options.streams ?? [process.stdout, process.stderr];
  }

  /** Resolves when the marker, and so all that was written before it, has been handed on. */
  async #endOfActivation() {
    await Promise.all(this.#streams.map(
      (stream) => new Promise((resolve) => stream.write(SENTINEL, () => resolve())),
    ));
  }

  /** POST /init. Code is not run: the action is built in. */
  async init({ value }) {
    if (this.#action !== null || this.#initialising) {
      return failure(403, 'Cannot initialize the action more than once.');
    }
    this.#initialising = true;
    try {
      const { main, code, env } = is.object(value) ? value : {};
      if (is.object(env)) setEnv(env);
      if (is.string(code)) this.#streams.at(-1).write('minnow: /init gave code; the action is built in\n');
      const name = is.string(main) ? main : 'main';
      if (!Object.hasOwn(this.#entries, name)) throw new Error(`there is no action named '${name}'`);
      await this.#ready();
      this.#action = this.#entries[name];
      return { status: 200, body: { OK: true } };
    } catch (error) {
      await this.#endOfActivation();
      return failure(502, `Initialization has failed due to: ${error?.message ?? error}`);
    } finally {
      this.#initialising = false;
    }
  }

  /** POST /run. */
  async run(request) {
    if (this.#action === null) return failure(403, 'System not initialized.');
    if (this.#running > 0 && !this.#concurrent) {
      return failure(403, 'System is running an activation, and is not set up for several.');
    }
    this.#running++;
    try {
      setRunEnv(request);
      const result = await this.#action(is.object(request.value) ? request.value : {});
      if (!is.object(result)) return failure(502, 'The action did not return a dictionary.');
      return { status: 200, body: result };
    } catch (error) {
      return failure(502, `An error has occurred: ${error?.message ?? error}`);
    } finally {
      await this.#endOfActivation();
      this.#running--;
    }
  }

  /** POST / of the single entry point (Knative): init, activation or both in one request. */
  async both({ init, activation, value }) {
    if (is.object(init) && (this.#action === null || !is.object(activation))) {
      const done = await this.init({ value: init });
      if (done.status !== 200 || !is.object(activation)) return done;
    }
    return this.run({ ...(is.object(activation) ? activation : {}), value });
  }
}

/**
 * An HTTP server for a container; it does not listen yet.
 * @param {ActionContainer} container
 * @param {object} [options]
 * @param {boolean} [options.singleEntry] default: what __OW_RUNTIME_PLATFORM says
 * @param {() => string} [options.metrics] text for GET /metrics
 * @returns {http.Server}
 */
function actionServer(container, options = {}) {
  const single = options.singleEntry ?? process.env.__OW_RUNTIME_PLATFORM === 'knative';
  const routes = single
    ? { '/': (json) => container.both(json) }
    : { '/init': (json) => container.init(json), '/run': (json) => container.run(json) };
  const answer = async (request) => {
    const route = request.method === 'POST' && Object.hasOwn(routes, request.url);
    const json = route ? await readJson(request) : null;
    return json === null ? BAD_REQUEST : routes[request.url](json);
  };
  return http.createServer(async (request, response) => {
    if (options.metrics && request.method === 'GET' && request.url === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(options.metrics());
      return;
    }
    const { status, body } = await answer(request).catch(() => BAD_REQUEST);
    const text = Buffer.from(JSON.stringify(body));
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length });
    response.end(text);
  });
}

module.exports = { ActionContainer, SENTINEL, actionServer };
