// TensorFlow.js on its WebAssembly backend, running MobileNetV2 1.0. Its own formats need a
// converter, so the network is built from operators here, fused where it can fuse; what the weights
// are does not change the time.
import { peer } from '../../lib/bench/peers.js';

// Expansion, channels, repeats, stride of each stage.
const STAGES = [
  [1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2],
  [6, 320, 1, 1],
];
const CLASSES = 1000;

/** @returns a function from a tensor of 1 x 224 x 224 x 3 to logits */
function mobileNetV2(tf) {
  const weights = (shape) => tf.randomNormal(shape, 0, 0.05, 'float32', 7);
  const conv = (inputs, outputs, size, strides, activation) => {
    const filter = weights([size, size, inputs, outputs]);
    const bias = weights([outputs]);
    return (x) => tf.fused.conv2d({ x, filter, bias, strides, pad: 'same', activation });
  };
  const depthwise = (channels, strides) => {
    const filter = weights([3, 3, channels, 1]);
    const bias = weights([channels]);
    return (x) => tf.fused.depthwiseConv2d({
      x, filter, bias, strides, pad: 'same', activation: 'relu6',
    });
  };
  const layers = [conv(3, 32, 3, 2, 'relu6')];
  let channels = 32;
  for (const [expansion, outputs, repeats, stride] of STAGES) {
    for (let i = 0; i < repeats; i++) {
      const wide = channels * expansion;
      const block = expansion === 1 ? [] : [conv(channels, wide, 1, 1, 'relu6')];
      block.push(depthwise(wide, i === 0 ? stride : 1), conv(wide, outputs, 1, 1, 'linear'));
      const residual = i > 0;
      layers.push((x) => {
        const y = block.reduce((value, layer) => layer(value), x);
        return residual ? tf.add(x, y) : y;
      });
      channels = outputs;
    }
  }
  layers.push(conv(channels, 1280, 1, 1, 'relu6'));
  const [matrix, bias] = [weights([1280, CLASSES]), weights([CLASSES])];
  return (input) => {
    const features = tf.mean(layers.reduce((value, layer) => layer(value), input), [1, 2]);
    return tf.add(tf.matMul(features, matrix), bias);
  };
}

/** A contender for `alternate`, or null where TensorFlow.js is not installed. One thread. */
export async function tfjsMobileNetV2() {
  const [tf, wasm] = [peer('@tensorflow/tfjs-core'), peer('@tensorflow/tfjs-backend-wasm')];
  if (tf === null || wasm === null || !(await tf.setBackend('wasm'))) return null;
  const network = mobileNetV2(tf);
  const inputs = Array.from({ length: 4 }, (_, seed) =>
    tf.randomNormal([1, 224, 224, 3], 0, 1, 'float32', seed));
  return {
    name: 'tfjs-wasm',
    run: (count) => tf.tidy(() => network(inputs[count % inputs.length]).dataSync()),
    close: () => tf.disposeVariables(),
  };
}
