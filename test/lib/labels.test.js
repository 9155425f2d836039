// Do labels come from where they should, and fit the network?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { fitLabels, labelOf, loadLabels, loadLabelsSync, parseLabels } = require('../../lib/labels.js');
const { temporaryFolder } = require('./support/pictures.js');

test('a label is a line; a byte-order mark, CR and final newlines do not count', () => {
  assert.deepEqual(parseLabels('\uFEFFa\r\nb, c\r\n\r\n'), ['a', 'b, c']);
  assert.deepEqual(parseLabels('a\n\nb'), ['a', '', 'b']);
  assert.deepEqual(parseLabels(''), []);
});

test('a background line is dropped where the network has no such class', () => {
  assert.deepEqual(fitLabels(['background', 'a', 'b'], 2), ['a', 'b']);
  assert.deepEqual(fitLabels(['background', 'a', 'b'], 3), ['background', 'a', 'b']);
});

test('any other mismatch of the counts is ERR_INVALID_ARGUMENT', () => {
  assert.throws(() => fitLabels(['x', 'a', 'b'], 2), {
    code: 'ERR_INVALID_ARGUMENT',
    message: 'load: 3 labels for a network with 2 classes',
  });
  assert.throws(() => fitLabels(['a'], 2), { code: 'ERR_INVALID_ARGUMENT' });
});

test('without labels a class has its number', () => {
  assert.equal(labelOf(null, 208), 'class 208');
  assert.equal(labelOf(['a'], 0), 'a');
  assert.equal(labelOf(['a'], 1), 'class 1');
});

test('the option may be a list, a path, a URL or a catalog name', async (t) => {
  const file = path.join(temporaryFolder(t), 'names.txt');
  fs.writeFileSync(file, 'one\ntwo\n');
  const url = require('node:url').pathToFileURL(file);
  assert.deepEqual(await loadLabels(['x', 'y'], null), ['x', 'y']);
  assert.deepEqual(await loadLabels(file, null), ['one', 'two']);
  assert.deepEqual(await loadLabels(url, null), ['one', 'two']);
  assert.ok((await loadLabels('shapes', null)).includes('star'));
  assert.deepEqual(loadLabelsSync(file, null), ['one', 'two']);
  assert.equal(await loadLabels(undefined, null), null);
});

test('a labels file that does not exist is ERR_NOT_FOUND', async () => {
  await assert.rejects(loadLabels('no-such-labels.txt', null), { code: 'ERR_NOT_FOUND' });
  assert.throws(() => loadLabelsSync(7, null), { code: 'ERR_INVALID_ARG_TYPE' });
});
