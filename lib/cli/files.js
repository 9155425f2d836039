// Which images does the user mean: files, folders, standard input?
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const IMAGE_NAME = /\.(jpe?g|png)$/i;
const STDIN = '-';

/** Images in a folder and below, by name. Links to folders are not followed. */
function* walk(folder) {
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(full);
    else if (IMAGE_NAME.test(entry.name)) yield full;
  }
}

/**
 * @param {string[]} operands of the command line
 * @returns {string[]} paths, and '-' once; a name that does not exist stays, its error comes when
 *   it is read
 */
function expand(operands) {
  const files = operands.flatMap((operand) => {
    const folder =
      operand !== STDIN && fs.statSync(operand, { throwIfNoEntry: false })?.isDirectory();
    return folder ? [...walk(operand)] : [operand];
  });
  return files.filter((file, i) => file !== STDIN || files.indexOf(STDIN) === i);
}

/** @returns {Promise<Buffer>} all of standard input */
async function readStdin() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

module.exports = { STDIN, expand, readStdin };
