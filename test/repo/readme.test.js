// Do the examples of the documentation run as they stand?
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

const { drawShape, encodePng } = require('../../models/shapes/draw.js');

const ROOT = path.join(__dirname, '..', '..');

/** Every Markdown file of the documentation. */
function documents() {
  const docs = path.join(ROOT, 'docs');
  const pages = fs.existsSync(docs) ? fs.readdirSync(docs).map((name) => path.join('docs', name)) : [];
  return ['README.md', ...pages.filter((name) => name.endsWith('.md'))];
}

function examplesOf(file) {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  return [...text.matchAll(/^```(js|mjs)\n([\s\S]*?)^```$/gm)].map(([, kind, code]) => ({ kind, code }));
}

/** A folder as a user has it: minnow installed, a picture at hand. */
function userFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'minnow-readme-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(ROOT, path.join(folder, 'node_modules', 'minnow'));
  fs.writeFileSync(path.join(folder, 'photo.png'), encodePng(drawShape({ seed: 1 })));
  return folder;
}

for (const file of documents()) {
  examplesOf(file).forEach(({ kind, code }, i) => {
    test(`example ${i + 1} of ${file} runs`, (t) => {
      const folder = userFolder(t);
      const script = path.join(folder, kind === 'mjs' ? 'example.mjs' : 'example.cjs');
      fs.writeFileSync(script, code);
      execFileSync(process.execPath, [script], { cwd: folder, stdio: 'pipe' });
    });
  });
}
