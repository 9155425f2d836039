// The action that says what is in a picture: parameters in, a dictionary out.
'use strict';

const { URLSearchParams } = require('node:url');
const { MinnowError } = require('../errors.js');
const { is } = require('../validate.js');

const MAX_TOP = 1000;
const DEFAULT_TOP = 5;

const invalid = (why) => new MinnowError(why, 'ERR_INVALID_ARGUMENT');

/** Base64, bare or as a data: URL. */
function decodeImage(text) {
  return Buffer.from(text.replace(/^data:[\w/+.-]*;base64,/, ''), 'base64');
}

/** What a web action was sent: a picture in base64, or text that is a URL; null without a body. */
function fromWeb(params) {
  const { __ow_body: body, __ow_headers: headers, __ow_query: query } = params;
  const given = is.object(headers) ? headers['content-type'] : '';
  const type = is.string(given) ? given : '';
  if (is.string(body)) {
    if (/^(image\/|application\/octet-stream)/i.test(type)) return { image: body };
    if (/^application\/json\b/i.test(type)) return fromJson(body);
    return { url: body.trim() };
  }
  return is.string(query) ? Object.fromEntries(new URLSearchParams(query)) : {};
}

function fromJson(body) {
  // The platform gives JSON bodies as they are, or in base64.
  for (const text of [body, Buffer.from(body, 'base64').toString('utf8')]) {
    try {
      const json = JSON.parse(text);
      if (is.object(json)) return json;
    } catch {
      continue;
    }
  }
  throw invalid('the body is not a JSON object');
}

function topOf(value) {
  const top = is.string(value) && /^\d{1,4}$/.test(value) ? Number(value) : value ?? DEFAULT_TOP;
  if (!is.integer(top) || top < 1 || top > MAX_TOP) {
    throw invalid(`"topK" must be a whole number from 1 to ${MAX_TOP}`);
  }
  return top;
}

/**
 * Makes the action.
 * @param {{classify: Function}} engine classifies bytes as MobileNet.classify does
 * @param {(url: string) => Promise<Buffer>} fetchImage
 * @returns {(params: object) => Promise<object>} `{url}` or `{image}` (base64), and `topK`, to
 *   `{label, confidence, index, probability, predictions}`, or `{error, code}`; as a web action to
 *   `{statusCode, headers, body}`
 */
function classifyAction(engine, fetchImage) {
  const classify = async (params) => {
    const topK = topOf(params.topK);
    if (!is.string(params.image) && !is.string(params.url)) {
      throw invalid('the parameters have neither "image" (base64) nor "url"');
    }
    const { image, url } = params;
    const bytes = is.string(image) ? decodeImage(image) : await fetchImage(url);
    const predictions = await engine.classify(bytes, { topK });
    const { label, index, probability } = predictions[0];
    return { label, confidence: probability, index, probability, predictions };
  };
  return async (params) => {
    const web = is.string(params.__ow_method);
    try {
      const body = await classify(web ? { ...params, ...fromWeb(params) } : params);
      return web ? answerWeb(200, body) : body;
    } catch (error) {
      if (!is.string(error?.code)) throw error;
      const body = { error: error.message, code: error.code };
      return web ? answerWeb(400, body) : body;
    }
  };
}

function answerWeb(statusCode, body) {
  return { statusCode, headers: { 'content-type': 'application/json' }, body };
}

module.exports = { classifyAction };
