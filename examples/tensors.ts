// TypeScript: a network that is no classifier of pictures, tensors in and out.
import { MinnowError, Model, type Tensor } from 'minnow';

async function main(source: string): Promise<void> {
  const model = await Model.load(source, { threads: 2 });
  for (const { name, dtype, shape, layout } of model.inputs) console.log(name, dtype, shape, layout);
  const feeds = Object.fromEntries(model.inputs.map(({ name, shape }) => {
    const dims = shape.map((dim) => (dim < 0 ? 1 : dim));
    return [name, { data: new Float32Array(dims.reduce((a, b) => a * b, 1)), shape: dims }];
  }));
  const outputs: Record<string, Tensor> = await model.run(feeds);
  for (const [name, { shape }] of Object.entries(outputs)) console.log(name, shape);
  model.close();
}

main(process.argv[2] ?? 'shapes').catch((error: unknown) => {
  if (!(error instanceof MinnowError)) throw error;
  console.error(error.code, error.message);
  process.exitCode = 1;
});
