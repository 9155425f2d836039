// How do results reach a file so that none that was reported is missing after a crash?
'use strict';

const fs = require('node:fs');

const NEWLINE = 10;
const CHUNK_BYTES = 65_536;

/** Where the last whole line of a file ends. */
async function endOfLines(handle, size) {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

/**
 * A file with one JSON object a line, for one writer. What append() has resolved for is on the
 * disk; lines that come while others are being written share one write.
 */
class ResultFile {
  #handle;
  #waiting = [];
  #writing = null;

  constructor(handle) {
    this.#handle = handle;
  }

  /** Opens a file for appending; a line that a crash has torn off is cut away. */
  static async open(file) {
    const handle = await fs.promises.open(file, 'a+');
    const { size } = await handle.stat();
    const whole = await endOfLines(handle, size);
    if (whole < size) await handle.truncate(whole);
    return new ResultFile(handle);
  }

  /** @param {object[]} lines; @returns {Promise<void>} once they are on the disk */
  append(lines) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  async #write() {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#handle.appendFile(batch.map(({ text }) => text).join(''));
        await this.#handle.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = null;
  }

  async close() {
    await this.#writing;
    await this.#handle.close();
  }
}

module.exports = { ResultFile };
