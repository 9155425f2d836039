// Which errors does minnow raise, and what are their codes?
'use strict';

/**
 * Every `code` that a {@link MinnowError} can have. They are stable; messages are not.
 */
const CODES = Object.freeze([
  'ERR_INVALID_ARGUMENT', // values that are well typed but do not fit the model
  'ERR_INVALID_MODEL', // bytes that are not a well-formed model
  'ERR_INVALID_IMAGE', // bytes that are not a decodable JPEG or PNG
  'ERR_UNSUPPORTED', // well formed, but not implemented
  'ERR_NOT_FOUND', // no such file, model or tensor
  'ERR_OUT_OF_MEMORY', // an allocation failed, or a stated limit was passed
  'ERR_BUSY', // the session is already running, or the server's queue is full
  'ERR_CANCELLED', // cancelled from inside; an AbortSignal gives its own reason instead
  'ERR_INTERNAL', // a bug in minnow
  'ERR_GUEST', // a WebAssembly guest broke its contract
  'ERR_GUEST_TRAP', // a WebAssembly guest trapped
  'ERR_GUEST_TIMEOUT', // a WebAssembly guest did not end in the time it had
  'ERR_CLOSED', // the object was closed, or the process is exiting
  'ERR_FETCH_BLOCKED', // a URL that may not be fetched
  'ERR_FETCH_FAILED', // a URL that could not be fetched
  'ERR_CHECKSUM', // downloaded bytes that are not the ones the catalog names
]);

/**
 * What went wrong in the engine, with a stable `code`.
 * Wrong arguments are `TypeError` (`ERR_INVALID_ARG_TYPE`) and `RangeError` (`ERR_OUT_OF_RANGE`).
 */
class MinnowError extends Error {
  /**
   * @param {string} message
   * @param {string} code one of the codes above
   * @param {{cause?: unknown}} [options]
   */
  constructor(message, code, options) {
    super(message, options);
    this.code = code;
  }
}
Object.defineProperty(MinnowError.prototype, 'name', {
  value: 'MinnowError',
  writable: true,
  configurable: true,
});

/** @returns {MinnowError} what a method of a closed object throws */
function closedError(what) {
  return new MinnowError(`${what} is closed`, 'ERR_CLOSED');
}

module.exports = { CODES, MinnowError, closedError };
