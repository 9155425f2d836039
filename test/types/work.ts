// A program that uses the published types of minnow/work. Compiled, not run.
import { addPictures, startWorker, type PictureWorker, type ResultLine } from 'minnow/work';

export async function run(): Promise<number> {
  const queue = { queue: 'photos', connection: 'redis://127.0.0.1:6379' };
  await addPictures({ ...queue, attempts: 3 }, [{ file: 'a.jpg', topK: 3 }, { pictures: [{ url: 'https://a.example/' }] }]);
  const worker: PictureWorker = await startWorker({ ...queue, model: 'shapes', output: 'labels.ndjson', untilEmpty: true });
  const { completed, failed } = await worker.ended;
  return completed + failed;
}

export const label = (line: ResultLine): string => line.error?.code ?? line.predictions?.[0]?.label ?? '';

// @ts-expect-error a queue has a name
void startWorker({ output: 'labels.ndjson' });
