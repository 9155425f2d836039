// Results as one JSON object a line, in a file that survives an interruption.
'use strict';

const fs = require('node:fs');
const readline = require('node:readline');

/** The object of a line, or null where the line is none of ours. */
function parseLine(line) {
  try {
    const object = JSON.parse(line);
    return typeof object?.file === 'string' && Array.isArray(object.predictions) ? object : null;
  } catch {
    return null;
  }
}

/** Whether a file ends in the middle of a line; its last bytes then count for nothing. */
function endsWithinLine(file) {
  const fd = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    if (size === 0) return false;
    const last = Buffer.alloc(1);
    fs.readSync(fd, last, 0, 1, size - 1);
    return last[0] !== 0x0a;
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Appends lines to a file, each by one write. A killed process leaves whole lines and at most one
 * half, which `resume` drops.
 */
class ResultFile {
  #fd;
  /** Files whose results are there already. */
  done = new Set();

  constructor(fd) {
    this.#fd = fd;
  }

  /** Begins anew: what the file had is lost. */
  static create(file) {
    return new ResultFile(fs.openSync(file, 'w'));
  }

  /**
   * Goes on with a file: keeps the whole lines with predictions. Errors, half a line and anything
   * else are dropped, so that those pictures are tried again. The file is replaced in one step.
   */
  static async resume(file) {
    if (!fs.existsSync(file)) return ResultFile.create(file);
    const part = `${file}.part`;
    const results = ResultFile.create(part);
    const half = endsWithinLine(file);
    const lines = readline.createInterface({
      input: fs.createReadStream(file), crlfDelay: Infinity,
    });
    let held = null;
    for await (const line of lines) {
      if (held !== null) results.#keep(held);
      held = line;
    }
    if (held !== null && !half) results.#keep(held);
    fs.fsyncSync(results.#fd);
    fs.renameSync(part, file);
    return results;
  }

  #keep(line) {
    const object = parseLine(line);
    if (object === null || this.done.has(object.file)) return;
    this.done.add(object.file);
    this.append(`${line}\n`);
  }

  /** @param {string} line with its newline */
  append(line) {
    const bytes = Buffer.from(line);
    let written = 0;
    while (written < bytes.length) written += fs.writeSync(this.#fd, bytes, written);
  }

  close() {
    fs.fsyncSync(this.#fd);
    fs.closeSync(this.#fd);
  }
}

module.exports = { ResultFile };
