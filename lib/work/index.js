// What `require('minnow/work')` gives: bulk classification from a BullMQ queue on Redis or Valkey.
'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { MinnowError } = require('../errors.js');
const { MobileNet } = require('../mobilenet.js');
const { makeFetchImage } = require('../server/fetch-image.js');
const validate = require('../validate.js');
const { makeReader, readJob } = require('./pictures.js');
const { makeProcessor } = require('./processor.js');
const { ResultFile } = require('./result-file.js');

const DEFAULT_CONNECTION = 'redis://127.0.0.1:6379';
const LOCK_MS = 30_000;
const ATTEMPTS = 5;
const BACKOFF_MS = 1000;
const ADD_AT_A_TIME = 500;
const CHECK_EMPTY_MS = 200;

/** The packages are peer dependencies: only who works off a queue needs them. */
function loadBullMq() {
  try {
    require.resolve('ioredis');
    return require('bullmq');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw new MinnowError(
      'work: queues need the packages bullmq and ioredis, which are not installed.\n' +
        'Possible remedy: npm install bullmq@6 ioredis@5',
      'ERR_NOT_FOUND',
      { cause: error },
    );
  }
}

function checkQueue(options) {
  const { queue, connection = DEFAULT_CONNECTION, prefix } = options;
  if (!validate.is.string(queue) || queue === '' || queue.includes(':')) {
    throw validate.wrongType('a name without ":"', 'queue', queue);
  }
  if (!validate.is.string(connection) && !validate.is.object(connection)) {
    throw validate.wrongType("a redis:// URL or ioredis' options", 'connection', connection);
  }
  const target = validate.is.string(connection) ? { url: connection } : connection;
  return { queue, prefix, connection: { ...target, maxRetriesPerRequest: null } };
}

function checkOptions(value) {
  const options = validate.options(value);
  for (const name of ['output', 'results', 'root']) {
    if (options[name] !== undefined && !validate.is.string(options[name])) {
      throw validate.wrongType('a string', name, options[name]);
    }
  }
  return {
    ...options,
    ...checkQueue(options),
    concurrency: options.concurrency === undefined
      ? undefined
      : validate.integer(options.concurrency, 'concurrency', 1, 256),
    lockMs: validate.integer(options.lockMs, 'lockMs', 100, 3_600_000, LOCK_MS),
  };
}

/** The results of a job as jobs of another queue: the same ones again are added once. */
function resultJobs(queue, job, lines) {
  return lines.map((line, i) => ({
    name: 'result',
    data: line,
    // BullMQ takes no ":" there.
    opts: { jobId: `${queue}-${job.id}-${i}`.replaceAll(':', '_') },
  }));
}

/** What is open, and is closed the other way round. */
class Closer {
  #steps = [];

  add(step) {
    this.#steps.push(step);
  }

  async close() {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

/** All but the worker: the network, the queues, where results go. */
async function openParts(bull, options, closer) {
  const net = await MobileNet.load(options.model, options);
  closer.add(() => net.close());
  const file = options.output === undefined ? null : await ResultFile.open(options.output);
  if (file !== null) closer.add(() => file.close());
  const open = (name) => {
    const queue = new bull.Queue(name, { connection: options.connection, prefix: options.prefix });
    queue.on('error', () => {}); // the worker tells of the same server
    closer.add(() => queue.close());
    return queue;
  };
  const results = options.results === undefined ? null : open(options.results);
  const deliver = async (job, found) => {
    const lines = found.map((line) => ({ job: job.id, ...line }));
    await file?.append(lines);
    await results?.addBulk(resultJobs(options.queue, job, lines));
  };
  const fetchImage = makeFetchImage({ allowHosts: options.allowHosts });
  const read = await makeReader({ root: options.root ?? process.cwd(), fetchImage });
  const { UnrecoverableError } = bull;
  const processor = makeProcessor({ net, read, deliver, UnrecoverableError });
  return { net, processor, queue: open(options.queue) };
}

function makeLog(stream) {
  return (level, msg, facts) =>
    stream.write(`${JSON.stringify({ level, time: Date.now(), msg, ...facts })}\n`);
}

/** Counts and logs what the worker does; an error of the connection is told once, not each time. */
function watch(worker, log) {
  const counts = { completed: 0, failed: 0 };
  let last = '';
  worker.on('completed', (job) => {
    counts.completed++;
    log('info', 'completed', { job: job.id, ms: job.finishedOn - job.processedOn });
  });
  worker.on('failed', (job, error) => {
    const final = job?.finishedOn !== undefined;
    if (final) counts.failed++;
    const facts = { job: job?.id, attempt: job?.attemptsMade, error: error.message };
    log('warn', final ? 'failed' : 'will be tried again', facts);
  });
  worker.on('stalled', (job) => log('warn', 'taken over from a worker that is gone', { job }));
  worker.on('error', (error) => {
    const text = error.code ?? error.message;
    if (text !== last) log('error', 'no queue', { error: text });
    last = text;
  });
  worker.on('ready', () => (last = ''));
  return counts;
}

/** Resolves when nothing waits, is put off or in work, with any worker. */
async function untilEmpty(queue, isClosing) {
  while (!isClosing()) {
    const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
    if (Object.values(counts).every((count) => count === 0)) return;
    await sleep(CHECK_EMPTY_MS);
  }
}

/**
 * Starts to work off a queue of BullMQ. The data of a job are one picture, `{file}`, `{url}` or
 * `{image}` (base64), or a list `{pictures: [...]}` of them, and `topK` (default 5). A job is held
 * for done after its results have been delivered, so none is lost when a worker is killed: another
 * one does the job again, and its results may then be there twice, under the same `job`.
 *
 * A failure that may pass (a URL that cannot be fetched) is tried again as the job's own `attempts`
 * and `backoff` say; one that will not (no picture) fails at once. Both end as a result with
 * `error: {code, message}`. In a list, a picture that is bad for good does not fail the job.
 *
 * @param {object} options those of MobileNet.load, and:
 * @param {string} options.queue its name
 * @param {string|object} [options.connection='redis://127.0.0.1:6379'] a URL, or ioredis' options
 * @param {string} [options.prefix='bull'] of the keys
 * @param {string|URL|Uint8Array} [options.model] as for MobileNet.load
 * @param {number} [options.concurrency] jobs at a time, 1 to 256; default: the model's threads
 * @param {string} [options.output] a file that gets one JSON object a result and line:
 *   `{job, file|url, predictions, ms}`; one file a worker
 * @param {string} [options.results] a queue that gets the same as jobs named "result"
 * @param {string} [options.root='.'] files of jobs are relative to it, and must lie in it
 * @param {string[]} [options.allowHosts] as for startServer
 * @param {number} [options.lockMs=30000] after this time without a sign of life of its worker a job
 *   goes to another one
 * @param {boolean} [options.untilEmpty=false] ends by itself when the queue is empty
 * @param {{write: Function}} [options.logStream=process.stderr] gets one JSON object a line
 * @returns {Promise<{ended: Promise<{completed: number, failed: number}>,
 *   close: () => Promise<void>}>} `close` lets jobs in work finish
 * @throws {MinnowError} ERR_NOT_FOUND without bullmq and ioredis; what MobileNet.load throws
 * @example
 * const { startWorker } = require('minnow/work');
 * startWorker({ queue: 'pictures', connection: 'redis://127.0.0.1:1' })
 *   .then((worker) => worker.close());
 */
async function startWorker(options) {
  const checked = checkOptions(options);
  const bull = loadBullMq();
  const closer = new Closer();
  try {
    const { net, processor, queue } = await openParts(bull, checked, closer);
    const worker = new bull.Worker(checked.queue, processor, {
      connection: checked.connection,
      prefix: checked.prefix,
      concurrency: checked.concurrency ?? net.model.threads,
      lockDuration: checked.lockMs,
      stalledInterval: checked.lockMs,
      maxStalledCount: 1e6, // the processor gives up before
    });
    const counts = watch(worker, makeLog(checked.logStream ?? process.stderr));
    let closing = null;
    const close = () => (closing ??= worker.close().then(() => closer.close()));
    const ended = new Promise((resolve) => worker.once('closed', () => resolve(counts)));
    if (checked.untilEmpty) untilEmpty(queue, () => closing !== null).then(close, close);
    return { ended: ended.then(async (found) => (await closing, found)), close };
  } catch (error) {
    await closer.close();
    throw error;
  }
}

/**
 * Adds pictures to a queue, each a job of its own that is tried five times.
 *
 * @param {object} options
 * @param {string} options.queue
 * @param {string|object} [options.connection='redis://127.0.0.1:6379']
 * @param {string} [options.prefix='bull']
 * @param {number} [options.attempts=5]
 * @param {number} [options.backoffMs=1000] before the second try; doubled before each further one
 * @param {Iterable<object>} pictures `{file}`, `{url}` or `{image}` (base64), with `topK`
 * @returns {Promise<number>} how many
 * @throws {MinnowError} ERR_NOT_FOUND without bullmq and ioredis; ERR_INVALID_ARGUMENT
 */
async function addPictures(options, pictures) {
  const { queue: name, connection, prefix } = checkQueue(validate.options(options));
  const attempts = validate.integer(options.attempts, 'attempts', 1, 1000, ATTEMPTS);
  const delay = validate.integer(options.backoffMs, 'backoffMs', 0, 86_400_000, BACKOFF_MS);
  const queue = new (loadBullMq().Queue)(name, { connection, prefix });
  const opts = { attempts, backoff: { type: 'exponential', delay } };
  const jobs = [];
  let count = 0;
  const flush = async () => {
    count += (await queue.addBulk(jobs.splice(0))).length;
  };
  try {
    for (const data of pictures) {
      readJob(data);
      jobs.push({ name: 'picture', data, opts });
      if (jobs.length === ADD_AT_A_TIME) await flush();
    }
    await flush();
    return count;
  } finally {
    await queue.close();
  }
}

module.exports = { addPictures, startWorker };
