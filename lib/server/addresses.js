// Which addresses may the server connect to on behalf of a stranger?
'use strict';

const net = require('node:net');

/** Everything that is not a public unicast address, by the IANA special-purpose registries. */
const BLOCKED = {
  ipv4: [
    '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12',
    '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15',
    '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
  ],
  ipv6: [
    '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16',
    '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8',
  ],
};

function makeList() {
  const list = new net.BlockList();
  for (const [family, ranges] of Object.entries(BLOCKED)) {
    for (const range of ranges) {
      const [address, prefix] = range.split('/');
      list.addSubnet(address, Number(prefix), family);
    }
  }
  return list;
}

const blocked = makeList();

/**
 * Whether an address is public. BlockList matches IPv4-mapped IPv6 addresses by the IPv4 rules.
 * @param {string} address IPv4 or IPv6, without brackets; anything else is not public
 * @returns {boolean}
 */
function isPublic(address) {
  const family = net.isIP(address);
  if (family === 0) return false;
  return !blocked.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

module.exports = { isPublic };
