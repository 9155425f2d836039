// How is one job done, and which of its failures are worth another try?
'use strict';

const { MinnowError } = require('../errors.js');
const { classifyOne } = require('../server/classify-one.js');
const { nameOf, readJob } = require('./pictures.js');

/** What another try would not mend. */
const PERMANENT = new Set([
  'ERR_INVALID_ARGUMENT', 'ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE', 'ERR_INVALID_IMAGE',
  'ERR_UNSUPPORTED', 'ERR_FETCH_BLOCKED', 'ERR_NOT_FOUND', 'ERR_OUT_OF_MEMORY',
]);

// A job that so many workers died at is what kills them.
const MAX_DEATHS = 10;

const describe = (error) => ({ code: error.code ?? 'ERR_INTERNAL', message: error.message });
const isLastTry = (job) => job.attemptsMade + 1 >= (job.opts.attempts ?? 1);

/**
 * Makes the function that does a job. It delivers the results before it returns, so that a job that
 * the queue holds for done has them; one that is interrupted in between is done, and delivered,
 * again.
 *
 * @param {object} parts
 * @param {import('../mobilenet.js').MobileNet} parts.net
 * @param {(picture: object) => Promise<Buffer>} parts.read
 * @param {(job: object, lines: object[]) => Promise<void>} parts.deliver
 * @param {typeof Error} parts.UnrecoverableError thrown where the queue should not try again
 * @returns {(job: object) => Promise<object>} what the job returns: for one picture
 *   `{predictions, ms}`; for a list `{results}`, each with `index` and predictions or error
 */
function makeProcessor({ net, read, deliver, UnrecoverableError }) {
  const classify = async (picture, topK) =>
    classifyOne(net, await read(picture), { topK });

  /** A list goes on after a picture that is bad for good. */
  const classifyAll = async (job, { pictures, topK }) => {
    const results = [];
    for (const [index, picture] of pictures.entries()) {
      try {
        results.push({ index, ...nameOf(picture), ...(await classify(picture, topK)) });
      } catch (error) {
        if (!PERMANENT.has(error.code) && !isLastTry(job)) throw error;
        results.push({ index, ...nameOf(picture), error: describe(error) });
      }
      await job.updateProgress({ done: results.length, total: pictures.length });
    }
    return results;
  };

  const work = async (job) => {
    if (job.stalledCounter > MAX_DEATHS) {
      throw new MinnowError(`job: given up, ${job.stalledCounter} workers died at it`, 'ERR_UNSUPPORTED');
    }
    const asked = readJob(job.data);
    if (!asked.single) {
      const results = await classifyAll(job, asked);
      await deliver(job, results);
      return { results };
    }
    const result = await classify(asked.pictures[0], asked.topK);
    await deliver(job, [{ ...nameOf(asked.pictures[0]), ...result }]);
    return result;
  };

  return async (job) => {
    try {
      return await work(job);
    } catch (error) {
      const permanent = PERMANENT.has(error.code);
      if (!permanent && !isLastTry(job)) throw error;
      await deliver(job, [{ ...nameOf(job.data ?? {}), error: describe(error) }]);
      if (!permanent) throw error;
      throw new UnrecoverableError(`${error.code}: ${error.message}`);
    }
  };
}

module.exports = { makeProcessor };
