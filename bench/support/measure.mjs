// Timing two or more contenders fairly on a machine that others use, too: in alternation within one
// run, so that a slow minute hits all of them, and compared round by round.
import { setTimeout as sleep } from 'node:timers/promises';

/** The q-quantile (0..1) of numbers, by linear interpolation. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

// Thread pools go on spinning for some milliseconds after a run, on the cores that the next
// contender needs: let them fall asleep before a turn.
const PAUSE_MS = 20;

/** One turn: a run that does not count (it wakes the threads), then the median of `runs`. */
async function turn(contender, runs, next) {
  await sleep(PAUSE_MS);
  await contender.run(next());
  const times = [];
  for (let i = 0; i < runs; i++) {
    const start = process.hrtime.bigint();
    await contender.run(next());
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return quantile(times, 0.5);
}

/**
 * Gives every contender `rounds` turns in alternation, after `warmup` turns that do not count. The
 * order within a round turns, so that nobody always follows the same neighbour.
 *
 * @param {Array<{name: string, run: (count: number) => unknown}>} contenders the first is the one
 *   that the ratios are of; `run` may return a promise; `count` rises by one each run
 * @param {{rounds?: number, warmup?: number, runs?: number}} [options] default 40, 5, and 5 runs a
 *   turn
 * @returns {Promise<Array<{name, ms: number[], median, low, high, ratio, ratioLow, ratioHigh}>>}
 *   milliseconds a run: median and quartiles of the turns; ratio: this contender's time divided by
 *   the first one's in the same round, median and quartiles
 */
export async function alternate(contenders, { rounds = 40, warmup = 5, runs = 5 } = {}) {
  const times = contenders.map(() => []);
  let count = 0;
  for (let round = -warmup; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const which = (i + round + warmup) % contenders.length;
      const ms = await turn(contenders[which], runs, () => count++);
      if (round >= 0) times[which].push(ms);
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
      ratio: quantile(ratios, 0.5),
      ratioLow: quantile(ratios, 0.25),
      ratioHigh: quantile(ratios, 0.75),
    };
  });
}

/** One line of a result of {@link alternate}. */
export function describe(result) {
  const range = (a, b, digits) => `${a.toFixed(digits)}..${b.toFixed(digits)}`;
  return (
    `${result.name.padEnd(18)} ${result.median.toFixed(2).padStart(8)} ms ` +
    `(${range(result.low, result.high, 2)})   x${result.ratio.toFixed(2)} ` +
    `(${range(result.ratioLow, result.ratioHigh, 2)})`
  );
}
