// Which engines are there to compare minnow with? Those under bench/peers of a checkout, and those
// that the current folder's project has.
'use strict';

const { createRequire } = require('node:module');
const path = require('node:path');

const HOW_TO_INSTALL = 'npm install --ignore-scripts --prefix bench/peers';
const HOMES = [path.join(__dirname, '..', '..', 'bench', 'peers'), process.cwd()];

/** A peer by its package name, or null where it is not installed. */
function peer(name) {
  for (const home of HOMES) {
    const load = createRequire(path.join(home, 'package.json'));
    try {
      load.resolve(name);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
      continue;
    }
    return load(name);
  }
  return null;
}

/** The folder of a peer's files, or null. */
function peerFolder(name) {
  for (const home of HOMES) {
    try {
      return path.dirname(createRequire(path.join(home, 'package.json')).resolve(name));
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return null;
}

/** What a bench says when a peer is missing. */
function missing(name) {
  return `${name} is not installed; to compare: ${HOW_TO_INSTALL}\n`;
}

module.exports = { missing, peer, peerFolder };
