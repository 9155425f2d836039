// A headless Chromium for tests, where there is one.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./child.js');

const ARTEFACTS = path.join(ROOT, 'out', 'artifacts');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const chromium = (process.env.PATH ?? '').split(path.delimiter)
  .flatMap((folder) => NAMES.map((name) => path.join(folder, name)))
  .find((file) => fs.existsSync(file));

/** The `skip` option of node:test. */
const skipWithoutBrowser = chromium === undefined ? 'no chromium (scripts/setup.sh dev)' : false;

/** A browser that lives as long as the test. */
async function openBrowser(t) {
  const browser = await require('playwright-core').chromium.launch({
    executablePath: chromium,
    // The sandbox of Chromium does not run as root, and in few containers.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  t.after(() => browser.close());
  return browser;
}

/** Where a file goes that people may want to look at after a test. */
function artefact(name) {
  fs.mkdirSync(ARTEFACTS, { recursive: true });
  return path.join(ARTEFACTS, name);
}

module.exports = { artefact, openBrowser, skipWithoutBrowser };
