// Who can turn a picture's bytes into classes? minnow, and the usual way where its parts are there.
import { MobileNet } from '../../lib/index.mjs';
import { missing, peer } from '../../lib/bench/peers.js';
import { usualWay } from './usual-way.mjs';

/**
 * @param {{model: string, threads: number}} options
 * @returns {Promise<Array<{name: string, classify: Function, close: Function}>>} `classify` takes
 *   bytes and gives five classes
 */
export async function classifiers({ model, threads }) {
  const net = await MobileNet.load(model, { threads });
  const classify = (bytes) => net.classify(bytes, { topK: 5 });
  const list = [{ name: 'minnow', classify, close: () => net.close() }];
  const [sharp, ort] = [peer('sharp'), peer('onnxruntime-node')];
  if (sharp && ort) {
    const usual = await usualWay({ sharp, ort }, { model, threads });
    list.push({ name: 'sharp + onnxruntime-node', ...usual });
  } else {
    console.log(missing(sharp ? 'onnxruntime-node' : 'sharp'));
  }
  return list;
}
