// The usual way from a picture's bytes to its classes in Node.js: sharp to pixels, a loop to
// planes, ONNX Runtime to logits, a sort.

const SIZE = 224;
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

/** The five best of logits, as probabilities. */
function top5(logits) {
  const max = Math.max(...logits);
  const exps = Float64Array.from(logits, (x) => Math.exp(x - max));
  const sum = exps.reduce((a, b) => a + b, 0);
  const order = Array.from(exps.keys()).sort((a, b) => exps[b] - exps[a]);
  return order.slice(0, 5).map((index) => ({ index, probability: exps[index] / sum }));
}

/** Channels last, 0 to 255, to planes, normalised as ImageNet networks want it. */
function toPlanes(pixels) {
  const plane = SIZE * SIZE;
  const data = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    const scale = 1 / (255 * STD[c]);
    const shift = -MEAN[c] / STD[c];
    for (let i = 0; i < plane; i++) data[c * plane + i] = pixels[i * 3 + c] * scale + shift;
  }
  return data;
}

/**
 * @param {{sharp: Function, ort: object}} packages
 * @param {{model: string, threads: number}} options `threads` of sharp and of ONNX Runtime
 * @returns {Promise<{classify: (bytes: Buffer) => Promise<object[]>, close: Function}>}
 */
export async function usualWay({ sharp, ort }, { model, threads }) {
  sharp.concurrency(threads);
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  const [name] = session.inputNames;
  const classify = async (bytes) => {
    const pixels = await sharp(bytes)
      .autoOrient()
      .resize(SIZE, SIZE, { fit: 'fill', kernel: 'linear' })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    const input = new ort.Tensor('float32', toPlanes(pixels), [1, 3, SIZE, SIZE]);
    const results = await session.run({ [name]: input });
    return top5(results[session.outputNames[0]].data);
  };
  return { classify, close: () => session.release() };
}
