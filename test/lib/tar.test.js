// Does the tar reader survive hostile archives?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { walkTar } = require('../../lib/tar.js');

/** One entry: header, body, padding. */
function entry({ name = 'a', body = '', type = '0', size, sum, prefix = '', magic = 'ustar\0' }) {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write((size ?? Buffer.byteLength(body).toString(8).padStart(11, '0')), 124, 12, 'latin1');
  block.write(type, 156);
  block.write(magic, 257);
  block.write(prefix, 345);
  block.fill(' ', 148, 156);
  const total = block.reduce((a, b) => a + b, 0);
  block.write(sum ?? `${total.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = (512 - (Buffer.byteLength(body) % 512)) % 512;
  return Buffer.concat([block, Buffer.from(body), Buffer.alloc(padding)]);
}

const END = Buffer.alloc(1024);

/** Everything in an archive, handed over in pieces of `step` bytes. */
async function read(bytes, step = 1000) {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  const found = {};
  await walkTar(pieces(), (name) => {
    found[name] = '';
    return { write: async (part) => void (found[name] += part), end: async () => {} };
  });
  return found;
}

test('files come whole however the stream is cut', async () => {
  const archive = Buffer.concat([entry({ name: './a.txt', body: 'alpha' }), entry({ name: 'b/c', body: 'x'.repeat(1300) }), END]);
  for (const step of [1, 7, 511, 512, 513, 1e6]) {
    assert.deepEqual(await read(archive, step), { 'a.txt': 'alpha', 'b/c': 'x'.repeat(1300) });
  }
});

test('links, folders and devices are not opened', async () => {
  const types = ['1', '2', '3', '4', '5', '6', 'g', 'V'];
  const archive = Buffer.concat([...types.map((type) => entry({ name: `t${type}`, type })), entry({ name: 'f', body: 'y' }), END]);
  assert.deepEqual(await read(archive), { f: 'y' });
});

test('long names: prefix, GNU, pax; they hold for one entry', async () => {
  const long = `${'n'.repeat(150)}.txt`;
  const record = (text) => {
    let length = text.length + 3;
    while (`${length} ${text}\n`.length !== length) length++;
    return `${length} ${text}\n`;
  };
  const archive = Buffer.concat([
    entry({ name: 'name', prefix: 'folder', body: '1' }),
    entry({ name: '././@LongLink', type: 'L', body: `${long}\0` }), entry({ name: 'cut', body: '2' }),
    entry({ name: 'pax', type: 'x', body: record(`path=${long}2`) + record('comment=a=b') }), entry({ name: 'cut', body: '3' }),
    entry({ name: 'plain', body: '4' }), END,
  ]);
  assert.deepEqual(await read(archive), { 'folder/name': '1', [long]: '2', [`${long}2`]: '3', plain: '4' });
});

test('an archive without its end, and an empty one, are read as far as they go', async () => {
  assert.deepEqual(await read(entry({ body: 'z' })), { a: 'z' });
  assert.deepEqual(await read(Buffer.alloc(0)), {});
});

test('malformed archives are errors', async () => {
  const wrong = {
    'a header that breaks off': entry({ body: 'abc' }).subarray(0, 300),
    'a body that breaks off': entry({ body: 'abc' }).subarray(0, 514),
    'padding that breaks off': entry({ body: 'abc' }).subarray(0, 600),
    'a wrong checksum': entry({ sum: '000000\0 ' }),
    'no number': entry({ size: '99999999999' }),
    'a size beyond all measure': entry({ size: '\xff'.repeat(12) }),
    'text': Buffer.from('this is no archive'.repeat(100)),
    'an endless extended header': entry({ type: 'x', size: '77777777777' }),
    'a pax record that reaches out': entry({ type: 'x', body: '999 path=a\n' }),
    'a pax record without length': entry({ type: 'x', body: 'path=a\n' }),
    'a pax size that is none': Buffer.concat([entry({ type: 'x', body: '11 size=-1\n' }), entry({ body: 'a' })]),
  };
  for (const [what, archive] of Object.entries(wrong)) {
    await assert.rejects(read(archive), { code: 'ERR_INVALID_MODEL' }, what);
  }
});
