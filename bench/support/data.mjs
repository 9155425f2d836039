// Which models and pictures do the benches take? Those of $MINNOW_TEST_DATA, by default
// ../shared/data.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATA = process.env.MINNOW_TEST_DATA ?? path.join(ROOT, '..', 'shared', 'data');

/** Paths of the models with these names that are there. */
export function modelFiles(names) {
  return names.map((name) => path.join(DATA, 'models', name)).filter(fs.existsSync);
}

/** MobileNetV2 1.0 as ONNX; '' where it is not there. */
export const MOBILENET = modelFiles(['mobilenetv2_1.0_224.onnx'])[0] ?? '';

/** JPEG and PNG files, by name. */
export function imageFiles() {
  const folder = path.join(DATA, 'images');
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder).filter((name) => /\.(jpe?g|png)$/i.test(name));
  return names.sort().map((name) => path.join(folder, name));
}

/** The picture for benches that need one; '' where there is none. */
export const PICTURE = imageFiles().find((file) => /golden-retriever/.test(file)) ??
  imageFiles()[0] ?? '';

/** Ends a bench that lacks a model or pictures: names of files, '' where there is none. */
export function demand(...files) {
  if (files.length > 0 && files.every((file) => file !== '')) return;
  console.error(`bench: no MobileNetV2 or no pictures in $MINNOW_TEST_DATA (here: ${DATA})`);
  process.exit(1);
}

export const threadsText = (count) => `${count} thread${count === 1 ? '' : 's'}`;
