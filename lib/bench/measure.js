// Timing two or more contenders fairly on a machine that others use, too: in alternation within one
// run, so that a slow minute hits all of them, and compared round by round.
'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** The q-quantile (0..1) of numbers, by linear interpolation. */
function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

// Thread pools go on spinning for some milliseconds after a run, on the cores that the next
// contender needs: let them fall asleep before a turn.
const PAUSE_MS = 20;

/** One turn: a run that does not count (it wakes the threads), then `runs` that do. */
async function turn(contender, runs, next) {
  await sleep(PAUSE_MS);
  if (contender.turn) return (await contender.turn(runs + 1)).slice(1);
  await contender.run(next());
  const times = [];
  for (let i = 0; i < runs; i++) {
    const start = process.hrtime.bigint();
    await contender.run(next());
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return times;
}

/**
 * Gives every contender `rounds` turns in alternation, after `warmup` turns that do not count. The
 * order within a round turns, so that nobody always follows the same neighbour.
 *
 * @param {Array<{name: string, run: (count: number) => unknown}>} contenders the first is the one
 *   that the ratios are of; `run` may return a promise; `count` rises by one each run. One that
 *   times itself has `turn(runs)` instead, which gives the milliseconds of each run.
 * @param {{rounds?: number, warmup?: number, runs?: number}} [options] default 40, 5, and 5 runs a
 *   turn
 * @returns {Promise<Array<{name, ms: number[], median, low, high, p95, ratio, ratioLow,
 *   ratioHigh}>>}
 *   milliseconds a run: median and quartiles of the turns, and what 95 % of all runs stay under;
 *   ratio: this contender's time divided by the first one's in the same round, median and quartiles
 */
async function alternate(contenders, { rounds = 40, warmup = 5, runs = 5 } = {}) {
  const times = contenders.map(() => []);
  const all = contenders.map(() => []);
  let count = 0;
  for (let round = -warmup; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const which = (i + round + warmup) % contenders.length;
      const ms = await turn(contenders[which], runs, () => count++);
      if (round < 0) continue;
      times[which].push(quantile(ms, 0.5));
      all[which].push(...ms);
    }
  }
  return contenders.map(({ name }, which) => {
    const ms = times[which];
    const ratios = ms.map((value, round) => value / times[0][round]);
    return {
      name,
      ms,
      median: quantile(ms, 0.5),
      low: quantile(ms, 0.25),
      high: quantile(ms, 0.75),
      p95: quantile(all[which], 0.95),
      ratio: quantile(ratios, 0.5),
      ratioLow: quantile(ratios, 0.25),
      ratioHigh: quantile(ratios, 0.75),
    };
  });
}

/** How many runs end in `ms` milliseconds with `concurrency` in flight, as a number a second. */
async function rate(contender, concurrency, ms) {
  await sleep(PAUSE_MS);
  await contender.run(0);
  const start = performance.now();
  let count = 0;
  const lane = async () => {
    while (performance.now() - start < ms) await contender.run(++count);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return (1000 * count) / (performance.now() - start);
}

/**
 * Throughput with several runs in flight, in alternation like {@link alternate}.
 * @param {Array<{name: string, run: (count: number) => Promise<unknown>}>} contenders
 * @param {{concurrency: number, rounds?: number, ms?: number}} options default 5 rounds of 400 ms
 * @returns {Promise<Array<{name, concurrency, perSecond, low, high, ratio}>>} median and quartiles;
 *   ratio: the first contender's rate divided by this one's in the same round
 */
async function alternateRates(contenders, { concurrency, rounds = 5, ms = 400 }) {
  const rates = contenders.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const which = (i + round + 1) % contenders.length;
      const perSecond = await rate(contenders[which], concurrency, ms);
      if (round >= 0) rates[which].push(perSecond);
    }
  }
  return contenders.map(({ name }, which) => ({
    name,
    concurrency,
    perSecond: quantile(rates[which], 0.5),
    low: quantile(rates[which], 0.25),
    high: quantile(rates[which], 0.75),
    ratio: quantile(rates[which].map((value, round) => rates[0][round] / value), 0.5),
  }));
}

/** One line of a result of {@link alternate}. */
function describe(result) {
  const range = (a, b, digits) => `${a.toFixed(digits)}..${b.toFixed(digits)}`;
  return (
    `${result.name.padEnd(18)} ${result.median.toFixed(2).padStart(8)} ms ` +
    `(${range(result.low, result.high, 2)})   x${result.ratio.toFixed(2)} ` +
    `(${range(result.ratioLow, result.ratioHigh, 2)})`
  );
}

module.exports = { alternate, alternateRates, describe, quantile };
