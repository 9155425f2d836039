// What can the terminal show: colours, tables, a progress bar, or is it a pipe?
'use strict';

const NARROWEST = 40;
const REDRAW_MS = 50;

/** `minnow … | head` ends quietly when the reader goes away. */
function failOnClosedPipe() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
}

/** Whether to colour a stream: a terminal, and neither NO_COLOR nor TERM=dumb. */
function hasColours(stream, env = process.env) {
  return Boolean(stream.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Functions that wrap text in ANSI codes, or leave it alone. */
function painter(stream) {
  const on = hasColours(stream);
  const wrap = (open, close) => (text) => (on ? `\u001b[${open}m${text}\u001b[${close}m` : text);
  return { bold: wrap(1, 22), dim: wrap(2, 22), red: wrap(31, 39), green: wrap(32, 39) };
}

/** Control characters of file names and labels must not reach the terminal. */
function printable(text) {
  // eslint-disable-next-line no-control-regex
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD');
}

/** Rows of cells as text, columns padded; columns named in `right` are set to the right. */
function table(rows, right = []) {
  const widths = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, String(cell).length)));
  }
  const pad = (cell, i) =>
    right.includes(i) ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i]);
  return rows.map((row) => `${row.map(pad).join('  ').trimEnd()}\n`).join('');
}

/** "3 s", "2 min", "1.5 h" */
function duration(seconds) {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A bar on stderr while work goes on; silent where stderr is no terminal. */
class Progress {
  #total;
  #stream;
  #shown = false;
  #started = performance.now();
  #drawn = -Infinity;

  /** @param {number} total how many steps; @param stream a tty.WriteStream */
  constructor(total, stream = process.stderr) {
    this.#total = total;
    this.#stream = stream;
  }

  /** @param {number} done steps; @param {string} [what] is being done */
  update(done, what = '') {
    if (!this.#stream.isTTY || this.#total < 2) return;
    const now = performance.now();
    if (done < this.#total && now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const columns = Math.max(this.#stream.columns ?? 80, NARROWEST);
    const width = Math.floor(columns / 3);
    const filled = Math.round((done / this.#total) * width);
    const left = (((now - this.#started) / 1000) * (this.#total - done)) / done;
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${this.#total}`;
    const time = done > 0 ? `, ${duration(left)} left` : '';
    this.#stream.write(`\r\u001b[2K${`${bar}${time} ${printable(what)}`.slice(0, columns - 1)}`);
    this.#shown = true;
  }

  clear() {
    if (!this.#shown) return;
    this.#stream.write('\r\u001b[2K');
    this.#shown = false;
    this.#drawn = -Infinity;
  }
}

module.exports = { Progress, failOnClosedPipe, hasColours, painter, printable, table };
