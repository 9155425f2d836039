// node:wasi without its warning that it is experimental: that is said in our documentation.
'use strict';

/** @returns {typeof import('node:wasi').WASI} */
function loadWasi() {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return require('node:wasi').WASI;
  } finally {
    process.emitWarning = emitWarning;
  }
}

module.exports = { loadWasi };
