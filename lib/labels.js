// What are the classes of a network called?
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { MinnowError } = require('./errors.js');
const { readFile, readFileSync } = require('./io.js');
const { findEntry } = require('./models.js');
const { is, wrongType } = require('./validate.js');

/** One label a line; a final newline adds none. */
function parseLabels(text) {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.length > 0 && lines[lines.length - 1].trim() === '') lines.pop();
  return lines.map((line) => line.trim());
}

/**
 * Where the labels come from.
 * @param {string|URL|string[]|undefined} option a path, a list, or a name in the catalog
 * @param {{labels?: string, dir: string}|null} entry the model's own catalog entry
 * @returns {{list?: string[], file?: string|URL}} neither when there are no labels
 */
function locate(option, entry) {
  if (option === undefined) {
    return entry?.labels === undefined ? {} : { file: path.join(entry.dir, entry.labels) };
  }
  if (is.strings(option)) return { list: [...option] };
  if (is.url(option)) return { file: option };
  if (!is.string(option)) {
    throw wrongType('a path, an array of strings or a catalog name', 'labels', option);
  }
  if (fs.existsSync(option)) return { file: option };
  const named = findEntry(option);
  return { file: named?.labels === undefined ? option : path.join(named.dir, named.labels) };
}

/** @returns {Promise<string[]|null>} */
async function loadLabels(option, entry, signal) {
  const { list, file } = locate(option, entry);
  if (list) return list;
  return file === undefined ? null : parseLabels((await readFile(file, signal)).toString('utf8'));
}

/** @returns {string[]|null} */
function loadLabelsSync(option, entry) {
  const { list, file } = locate(option, entry);
  if (list) return list;
  return file === undefined ? null : parseLabels(readFileSync(file).toString('utf8'));
}

/**
 * Makes the labels fit the network: a list with one more that begins with "background" belongs to a
 * network without that class, and the line is dropped.
 * @param {string[]|null} labels
 * @param {number} classes -1 when not known
 * @returns {string[]|null}
 * @throws {MinnowError} ERR_INVALID_ARGUMENT when the counts do not match
 */
function fitLabels(labels, classes) {
  if (labels === null || classes < 0 || labels.length === classes) return labels;
  if (labels.length === classes + 1 && labels[0].toLowerCase() === 'background') {
    return labels.slice(1);
  }
  throw new MinnowError(
    `load: ${labels.length} labels for a network with ${classes} classes`,
    'ERR_INVALID_ARGUMENT',
  );
}

/** @returns {string} the label of a class, or "class 208" without labels */
function labelOf(labels, index) {
  return labels?.[index] ?? `class ${index}`;
}

module.exports = { fitLabels, labelOf, loadLabels, loadLabelsSync, parseLabels };
