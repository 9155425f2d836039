// Timing two or more contenders fairly on a machine that others use, too: in alternation within one
// run, so that a slow minute hits all of them, and compared round by round.

/** The q-quantile (0..1) of numbers, by linear interpolation. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/**
 * Runs every contender `rounds` times in alternation, after `warmup` rounds that do not count. The
 * order within a round turns, so that nobody always follows the same neighbour.
 *
 * @param {Array<{name: string, run: (round: number) => unknown}>} contenders the first is the one
 *   that the ratios are of; `run` may return a promise
 * @param {{rounds?: number, warmup?: number}} [options] default 60 and 10
 * @returns {Promise<Array<{name, ms: number[], median, low, high, ratio, ratioLow, ratioHigh}>>}
 *   milliseconds: median and quartiles; ratio: this contender's time divided by the first one's in
 *   the same round, median and quartiles
 */
export async function alternate(contenders, { rounds = 60, warmup = 10 } = {}) {
  const times = contenders.map(() => []);
  for (let round = -warmup; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const which = (i + round + warmup) % contenders.length;
      const start = process.hrtime.bigint();
      await contenders[which].run(round + warmup);
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
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
