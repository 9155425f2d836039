// What must compile, and (after "@ts-expect-error") what must not, against lib/index.d.ts.
import minnow = require('minnow');
import {
  MinnowError, MobileNet, Model,
  type Prediction, type Preprocess, type StreamResult, type TensorInfo,
} from 'minnow';

export async function classifyInEveryWay(signal: AbortSignal): Promise<Prediction[]> {
  const net = await MobileNet.load(undefined, { threads: 2, labels: ['a'], signal });
  const preprocess: Preprocess = net.preprocess;
  const pixels = { data: new Uint8Array(12), width: 2, height: 2, channels: 3 as const };
  const top = await net.classify(pixels, { topK: preprocess.width, signal });
  net.classifySync(new URL('file:///a.png')).map(({ label }) => label.length);
  const batch: Prediction[][] = await net.classifyBatch(['a.png', new Uint8Array(1), pixels]);
  for await (const result of net.classifyStream(new Set(['a.png']), { concurrency: 2 })) {
    if (result.error) console.log(result.file, result.error.message);
    else console.log(result.predictions[0]?.probability, result.ms.total);
    const same: StreamResult = result;
    console.log(same.index);
  }
  net[Symbol.dispose]();
  return [...top, ...batch.flat()];
}

export function runInEveryWay(bytes: Uint8Array): number {
  const model = Model.loadSync([bytes, 'b.bin'], { format: 'onnx' });
  const inputs: readonly TensorInfo[] = model.inputs;
  const out = { logits: new Float32Array(10) };
  const { logits } = model.runSync({ input: new Float32Array(3), other: { data: bytes } }, { out });
  const pending: Promise<Record<string, minnow.Tensor>> = model.run({});
  pending.catch((error: unknown) => {
    if (error instanceof MinnowError && error.code === 'ERR_CLOSED') console.log(error.message);
  });
  const { operators } = model.profile(undefined, { runs: 3 });
  return inputs.length + (logits?.data.length ?? 0) + operators.length + model.describe().macs;
}

export function whatMustNotCompile(net: MobileNet, model: Model): void {
  // @ts-expect-error: made by load only
  new MobileNet();
  // @ts-expect-error: made by load only
  new Model();
  // @ts-expect-error: a number is no image
  net.classifySync(7);
  // @ts-expect-error: a sync call takes no signal
  net.classifySync('a.png', { signal: new AbortController().signal });
  // @ts-expect-error: no such preset
  void MobileNet.load('a', { preprocess: 'sharp' });
  // @ts-expect-error: shapes are read-only
  model.inputs[0].shape.push(1);
  // @ts-expect-error: no such code
  new MinnowError('x', 'ERR_NONE');
}
