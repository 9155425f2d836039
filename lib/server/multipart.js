// What is in a multipart/form-data body (RFC 7578)? The whole body is in memory, and bounded.
'use strict';

const { MinnowError } = require('../errors.js');

const MAX_PARTS = 32;
const HEADERS_END = Buffer.from('\r\n\r\n');

const malformed = (why) => new MinnowError(`multipart: ${why}`, 'ERR_INVALID_ARGUMENT');

function boundaryOf(contentType) {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  if (match === null) throw malformed('the content type names no boundary');
  return match[1] ?? match[2];
}

/** @returns {{name: string, file: boolean, data: Buffer}} */
function parsePart(part) {
  const end = part.indexOf(HEADERS_END);
  if (end < 0) throw malformed('a part has no end of headers');
  const headers = part.toString('utf8', 0, end);
  const disposition = /^content-disposition:\s*form-data(.*)$/im.exec(headers)?.[1] ?? '';
  return {
    name: /;\s*name="([^"]*)"/i.exec(disposition)?.[1] ?? '',
    file: /;\s*filename\*?=/i.test(disposition),
    data: part.subarray(end + HEADERS_END.length),
  };
}

/**
 * @param {Buffer} body
 * @param {string} contentType
 * @returns {Array<{name: string, file: boolean, data: Buffer}>} views on the body
 * @throws {MinnowError} ERR_INVALID_ARGUMENT when it is malformed
 */
function parseMultipart(body, contentType) {
  const delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`);
  const first = delimiter.subarray(2);
  let at = body.subarray(0, first.length).equals(first) ? first.length : -1;
  if (at < 0) {
    at = body.indexOf(delimiter);
    if (at < 0) throw malformed('the boundary does not occur');
    at += delimiter.length;
  }
  const parts = [];
  while (body.toString('latin1', at, at + 2) !== '--') {
    const start = body.indexOf('\r\n', at);
    const end = start < 0 ? -1 : body.indexOf(delimiter, start);
    if (end < 0) throw malformed('the closing boundary is missing');
    if (parts.length === MAX_PARTS) throw malformed(`more than ${MAX_PARTS} parts`);
    parts.push(parsePart(body.subarray(start + 2, end)));
    at = end + delimiter.length;
  }
  return parts;
}

module.exports = { parseMultipart };
