// One picture's classes together with the time that they took.
'use strict';

/**
 * @param {import('../mobilenet.js').MobileNet} net
 * @param {string|Uint8Array} image as for MobileNet.classify
 * @param {{topK?: number, signal?: AbortSignal}} options
 * @returns {Promise<{predictions: Array, ms: {decode: number, infer: number}}>}
 */
async function classifyOne(net, image, options) {
  const stream = net.classifyStream([image], { ...options, concurrency: 1 });
  const { value } = await stream.next();
  await stream.return();
  if (value.error) throw value.error;
  const { predictions, ms: { decode, infer } } = value;
  return { predictions, ms: { decode, infer } };
}

module.exports = { classifyOne };
