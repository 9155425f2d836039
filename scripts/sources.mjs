// Packs src/ into one file for the package, and unpacks it where the addon must be compiled:
//   node scripts/sources.mjs pack|unpack
// An install that finds its addon in the package needs no sources, and as they are they would be a
// third of it. sources.json.br is a JSON object of texts by path, with Brotli.
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (file) => path.join(root, file);
const PACKED = at('sources.json.br');

/** Paths from the root with forward slashes, sorted. */
function filesIn(folder) {
  return readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesIn(name) : [name];
  }).sort();
}

/** Compressing takes seconds: what is no older than every file and folder stays. */
function isFresh(files) {
  if (!existsSync(PACKED)) return false;
  const { mtimeMs } = statSync(PACKED);
  const all = [...files, ...files.map((file) => path.dirname(file)), 'scripts/sources.mjs'];
  return all.every((file) => statSync(at(file)).mtimeMs <= mtimeMs);
}

function pack() {
  const files = filesIn('src');
  if (isFresh(files)) return;
  const texts = Object.fromEntries(files.map((file) => [file, readFileSync(at(file), 'utf8')]));
  writeFileSync(PACKED, brotliCompressSync(JSON.stringify(texts)));
}

/** A checkout has its sources; so has a package that was unpacked before. */
function unpack() {
  if (existsSync(at('src'))) return;
  const texts = JSON.parse(brotliDecompressSync(readFileSync(PACKED)));
  for (const [file, text] of Object.entries(texts)) {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
  }
}

const steps = { pack, unpack };
const step = steps[process.argv[2]];
if (!step) {
  console.error('usage: node sources.mjs pack|unpack');
  process.exit(2);
}
step();
