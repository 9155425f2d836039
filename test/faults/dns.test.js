// Does the server keep to public addresses where the system's own resolver asks a name server
// whose answers change?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { runsClean, times } = require('../lib/support/child.js');
const { inNetworkOfItsOwn, skipWithoutNetworks } = require('./support.js');

/** A public address, which the network of the test gives to its own loopback. */
const PUBLIC = '93.184.215.14';
const METADATA = '169.254.169.254';

/**
 * A name server at 127.0.0.1:53 that asks `answer()` for the IPv4 addresses of every name, with a
 * time to live of 0 (RFC 1035, sections 4.1 and 3.2.1); an HTTP server with a picture at the public
 * address, and ones at the metadata's and at home that count who comes.
 */
const PROLOGUE = `
  const { createSocket } = require('node:dgram');
  const http = require('node:http');
  const { once } = require('node:events');
  const { makeFetchImage } = require('./lib/server/fetch-image.js');
  const { png } = require('./test/lib/support/pictures.js');
  const PICTURE = png(1);

  function resolves(message, addresses) {
    let end = 12; // after the header: labels, a zero, type and class
    while (message[end] !== 0) end += message[end] + 1;
    const type = message.readUInt16BE(end + 1);
    const question = message.subarray(12, end + 5);
    const found = type === 1 ? addresses : [];
    const header = Buffer.from(message.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2); // a response, recursion available, no error
    header.writeUInt16BE(found.length, 6);
    header.writeUInt32BE(0, 8);
    const records = found.map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]));
    return Buffer.concat([header, question, ...records]);
  }

  let asked = 0;
  let answer;
  const names = createSocket('udp4');
  names.on('message', (message, { port, address }) => {
    asked++;
    names.send(resolves(message, answer(message)), port, address);
  });

  const visits = { '${PUBLIC}': 0, '${METADATA}': 0, '127.0.0.1': 0 };
  const servers = Object.keys(visits).map((address) =>
    http.createServer((request, response) => {
      visits[address]++;
      if (request.url === '/elsewhere') response.writeHead(302, { location: 'http://other.example/' }).end();
      else response.end(PICTURE);
    }).listen(80, address));

  const outcomes = {};
  async function fetchTimes(count, fetchImage, url) {
    for (let i = 0; i < count; i++) {
      const outcome = await fetchImage(url).then((bytes) => bytes.equals(PICTURE), ({ code }) => code);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  }

  async function within(body) {
    names.bind(53, '127.0.0.1');
    await Promise.all([once(names, 'listening'), ...servers.map((server) => once(server, 'listening'))]);
    await body();
    names.close();
    for (const server of servers) server.close();
    console.log(JSON.stringify({ visits, outcomes, asked: asked > 0 }));
  }
`;

const skip = skipWithoutNetworks;
const addresses = [PUBLIC, METADATA];

async function inNetwork(body) {
  const program = `${PROLOGUE} within(async () => { ${body} });`;
  return JSON.parse(await runsClean(program, { within: inNetworkOfItsOwn(addresses) }));
}

test('a name that is public is fetched, and blocked as soon as it is not', { skip }, async () => {
  assert.deepEqual(await inNetwork(`
    const fetchImage = makeFetchImage();
    for (const address of ['${PUBLIC}', '127.0.0.1', '${METADATA}', '10.0.0.1', '${PUBLIC}']) {
      answer = () => [address];
      await fetchTimes(3, fetchImage, 'http://pictures.example/a.png');
    }
  `), {
    visits: { [PUBLIC]: 6, [METADATA]: 0, '127.0.0.1': 0 },
    outcomes: { true: 6, ERR_FETCH_BLOCKED: 9 },
    asked: true,
  });
});

test('a name that answers otherwise each time leads nowhere but to its public address', { skip }, async () => {
  const rounds = times(40, 1000);
  const { visits, outcomes } = await inNetwork(`
    const fetchImage = makeFetchImage();
    const lists = [['${PUBLIC}'], ['127.0.0.1'], ['${PUBLIC}', '127.0.0.1'], ['${METADATA}'], ['${PUBLIC}'], []];
    let turn = 0;
    answer = () => lists[turn++ % lists.length];
    await fetchTimes(${rounds}, fetchImage, 'http://pictures.example/a.png');
  `);
  assert.equal(visits[METADATA] + visits['127.0.0.1'], 0);
  assert.equal(visits[PUBLIC], outcomes.true);
  assert.ok(outcomes.true > 0 && outcomes.ERR_FETCH_BLOCKED > 0, JSON.stringify(outcomes));
});

test('a redirect is resolved again, and its name judged by that', { skip }, async () => {
  assert.deepEqual(await inNetwork(`
    answer = (message) => [message.includes('other') ? '${METADATA}' : '${PUBLIC}'];
    await fetchTimes(3, makeFetchImage(), 'http://pictures.example/elsewhere');
  `), {
    visits: { [PUBLIC]: 3, [METADATA]: 0, '127.0.0.1': 0 },
    outcomes: { ERR_FETCH_BLOCKED: 3 },
    asked: true,
  });
});

test('a host that was allowed is fetched wherever its name leads', { skip }, async () => {
  assert.deepEqual(await inNetwork(`
    answer = () => ['127.0.0.1'];
    await fetchTimes(3, makeFetchImage({ allowHosts: ['pictures.example'] }), 'http://pictures.example/a.png');
  `), {
    visits: { [PUBLIC]: 0, [METADATA]: 0, '127.0.0.1': 3 },
    outcomes: { true: 3 },
    asked: true,
  });
});
