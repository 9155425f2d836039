// Does every file keep to the budgets and the plain rules of text?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { listFiles, linesOf, readText } = require('./tree.js');

const MAX_LINES = 600;
const MAX_FUNCTION_LINES = 100;
const MAX_KERNEL_FUNCTION_LINES = 200;

const NAMES = /\.(cc|h|inc|js|mjs|cjs|ts|py|sh|cmake|gyp|gypi|json|md|txt|yml)$|(^|\/)\.[\w-]+$|run$/;
const GENERATED = /(^|\/)(package-lock\.json|LICENSE)$|^docs\/api\.md$|^test\/fixtures\/|^models\/.*labels\.txt$|^test\/conformance\//;
const files = listFiles().filter((file) => NAMES.test(file) && !GENERATED.test(file));
const code = files.filter((file) => /\.(cc|h|js|mjs|py|sh)$/.test(file));

/** "file:line: what" for each line of the files that `find` says something about. */
function complaints(list, find) {
  return list.flatMap((file) =>
    linesOf(readText(file)).flatMap((line, index) => {
      const what = find(line, file);
      return what ? [`${file}:${index + 1}: ${what}`] : [];
    }),
  );
}

test(`no file has more than ${MAX_LINES} lines`, () => {
  const long = files
    .map((file) => ({ file, lines: linesOf(readText(file)).length }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ file, lines }) => `${file}: ${lines} lines`);
  assert.deepEqual(long, []);
});

test('text has no tabs, no trailing blanks, no carriage returns', () => {
  assert.deepEqual(complaints(files, (line) => /\t|[ \r]$/.test(line) && 'blank'), []);
});

test('every text file ends with one newline', () => {
  const wrong = files.filter((file) => {
    const text = readText(file);
    return text !== '' && !/[^\n]\n$/.test(text);
  });
  assert.deepEqual(wrong, []);
});

test('code has no notes to do later', () => {
  const later = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);
  assert.deepEqual(complaints(code, (line) => later.exec(line)?.[0]), []);
});

test('code begins with the comment that says what the file answers', () => {
  const wrong = code.filter((file) => {
    const lines = linesOf(readText(file)).filter(
      (line) => !line.startsWith('#!') && line.trim() !== '' && line !== "'use strict';",
    );
    return !/^(\/\/|\/\*|#|"""|'''|r""")/.test(lines[0]);
  });
  assert.deepEqual(wrong, []);
});

test('a header is guarded by its own path', () => {
  const wrong = files.filter((file) => {
    if (!/^src\/.*\.h$/.test(file) || file.endsWith('-inl.h')) return false;
    const guard = `MINNOW_${file.slice('src/'.length).replace(/\W/g, '_').toUpperCase()}_`;
    return !readText(file).includes(`#ifndef ${guard}\n#define ${guard}\n`);
  });
  assert.deepEqual(wrong, []);
});

test(`no C++ function has more than ${MAX_FUNCTION_LINES} lines`, () => {
  const wrong = [];
  for (const file of files.filter((name) => /^src\/.*\.(cc|h)$/.test(name))) {
    const limit = file.startsWith('src/kernels/') ? MAX_KERNEL_FUNCTION_LINES : MAX_FUNCTION_LINES;
    let start = 0;
    linesOf(readText(file)).forEach((line, index) => {
      // As clang-format lays it out: a function begins at the margin and ends with a lone brace
      // there; types and tables end with "};", namespaces with a comment.
      if (line === '}' && index - start > limit) {
        wrong.push(`${file}:${start + 1}: ${index - start} lines`);
      }
      if (/^[A-Za-z_[]/.test(line)) start = index;
    });
  }
  assert.deepEqual(wrong, []);
});
