// A page with pictures and results that needs no other file and runs no script.
'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const addon = require('../binding.js');
const { encodePng } = require('../image/png.js');

const BAR_WIDTH = 200;
const THUMBNAIL = { width: 200, height: 160 };
// Files that are embedded as they are: about what a thumbnail takes.
const SMALL_BYTES = 64 << 10;
// A page above this opens slowly everywhere; further pictures go without.
const MAX_PAGE_CHARACTERS = 256 << 20;

const STYLE = `
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em; }
article { border-top: 1px solid #8886; display: flex; gap: 1.5em; padding: 1em 0; }
img, .none { flex: none; height: ${THUMBNAIL.height}px; object-fit: contain; width: ${THUMBNAIL.width}px; }
.none { align-items: center; background: #8882; display: flex; justify-content: center; }
h2 { font-size: 1em; margin: 0 0 .5em; overflow-wrap: anywhere; }
td { padding: .1em .8em .1em 0; vertical-align: middle; }
td.n { font-variant-numeric: tabular-nums; text-align: right; }
.track { fill: #8883; } .bar { fill: #2a7ae2; }
.error { color: #c33; } .ms { color: #888; font-size: .85em; }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; } }
`;

function escape(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(text).replace(/[&<>"']/g, (c) => entities[c]);
}

function mediaType(bytes) {
  return bytes[0] === 0x89 ? 'image/png' : 'image/jpeg';
}

const NO_PREVIEW = '<div class="none">no preview</div>';

/** A data: URL of the picture, small; a small file as it is, which the browser turns upright. */
function thumbnail(file, failed) {
  if (failed) return NO_PREVIEW;
  let bytes;
  try {
    bytes = fs.readFileSync(file);
    if (bytes.length > SMALL_BYTES) {
      bytes = encodePng(addon.thumbnailSync(bytes, THUMBNAIL.width, THUMBNAIL.height));
    }
  } catch {
    return NO_PREVIEW; // standard input, or a file that has changed since
  }
  return `<img alt="" src="data:${mediaType(bytes)};base64,${bytes.toString('base64')}">`;
}

function row({ index, label, probability }) {
  const width = (probability * BAR_WIDTH).toFixed(1);
  return `<tr><td class="n">${(100 * probability).toFixed(1)} %</td><td>` +
    `<svg width="${BAR_WIDTH}" height="12" role="img" aria-label="${(100 * probability).toFixed(1)} percent">` +
    `<rect class="track" width="${BAR_WIDTH}" height="12" rx="3"/>` +
    `<rect class="bar" width="${width}" height="12" rx="3"/></svg></td>` +
    `<td>${escape(label)} (${index})</td></tr>`;
}

function details(result) {
  if (result.error) {
    const { code = 'ERR_INTERNAL', message } = result.error;
    return `<p class="error">${escape(code)}: ${escape(message)}</p>`;
  }
  const { decode, infer } = result.ms;
  return `<table>${result.predictions.map(row).join('')}</table>` +
    `<p class="ms">decode ${decode.toFixed(1)} ms, infer ${infer.toFixed(1)} ms</p>`;
}

/** Collects results; its text is the page. */
class Report {
  #articles = [];
  #characters = 0;
  #failed = 0;

  /** @param {string} file as the user named it; @param {object} result of classifyStream */
  add(file, result) {
    if (result.error) this.#failed++;
    const hidden = Boolean(result.error) || this.#characters > MAX_PAGE_CHARACTERS;
    const article = `<article>${thumbnail(file, hidden)}<div><h2>${escape(file)}</h2>` +
      `${details(result)}</div></article>`;
    this.#characters += article.length;
    this.#articles.push(article);
  }

  toString() {
    const hash = createHash('sha256').update(STYLE).digest('base64');
    const policy = `default-src 'none'; img-src data:; style-src 'sha256-${hash}'`;
    const count = this.#articles.length;
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    return [
      '<!doctype html>',
      '<html lang="en"><head><meta charset="utf-8">',
      `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
      '<meta name="viewport" content="width=device-width">',
      `<title>minnow: ${count} pictures</title><style>${STYLE}</style></head><body>`,
      `<h1>${count} ${count === 1 ? 'picture' : 'pictures'}${failed}</h1>`,
      ...this.#articles,
      '</body></html>',
      '',
    ].join('\n');
  }
}

module.exports = { Report };
