// What did the user mean who typed a name that does not exist?
'use strict';

/** Insertions, deletions, replacements and swaps of neighbours that make `a` of `b`. */
function distance(a, b) {
  let before = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], before[j - 2] + 1);
      }
    }
    before = last;
    last = row;
  }
  return last[b.length];
}

/**
 * @param {string} name as typed
 * @param {string[]} known
 * @returns {string|null} the known name that is meant, if one is near enough: it begins with what
 *   was typed, or at most a third of it is wrong
 */
function nearest(name, known) {
  if (name.length < 2 || name.length > 40) return null;
  const beginning = known.filter((candidate) => candidate.startsWith(name));
  if (beginning.length === 1) return beginning[0];
  const ranked = known
    .map((candidate) => ({ candidate, off: distance(name, candidate) }))
    .sort((a, b) => a.off - b.off);
  const [best] = ranked;
  return best !== undefined && best.off <= Math.max(1, name.length / 3) ? best.candidate : null;
}

module.exports = { distance, nearest };
