// Pictures and folders for tests: drawn, encoded as PNG, thrown away.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { drawShape, encodePng } = require('../../../models/shapes/draw.js');

/** Pixels of a drawn shape: {data, width, height, channels, label}. */
function draw(seed = 1, size = 96) {
  return drawShape({ seed, size });
}

/** The same as the bytes of a PNG file. */
function png(seed = 1, size = 96) {
  return encodePng(draw(seed, size));
}

/** Grey pixels that take some milliseconds to resize. */
function large(side = 3000) {
  return { data: new Uint8Array(side * side).fill(127), width: side, height: side, channels: 1 };
}

/** A folder that lives as long as the test. */
function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-test-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

module.exports = { draw, large, png, temporaryFolder };
