// Real faults for a child process: a disk that is full, a user who may not, a system without memory,
// a network of its own.
'use strict';

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { ROOT, node } = require('../lib/support/child.js');

const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;
const NAMESPACES = ['--mount', ...(IS_ROOT ? [] : ['--map-root-user'])];

const works = (command, args) => spawnSync(command, args).status === 0;

/** Why a test that needs mounts of its own cannot run here, or false. */
const skipWithoutMounts = works('unshare', [...NAMESPACES, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'])
  ? false
  : 'no mount namespaces here (root, or unprivileged user namespaces)';

/**
 * What runs a command in a network of its own: nothing but a loopback, which has these addresses
 * besides its own, and a resolver that asks the name server at 127.0.0.1:53.
 */
function inNetworkOfItsOwn(addresses) {
  const prepare = [
    'ip link set lo up',
    ...addresses.map((address) => `ip address add ${address}/32 dev lo`),
    'mount -t tmpfs tmpfs /mnt',
    'echo "nameserver 127.0.0.1" >/mnt/resolv.conf',
    'echo "hosts: files dns" >/mnt/nsswitch.conf',
    'mount --bind /mnt/resolv.conf "$(readlink -f /etc/resolv.conf)"',
    'mount --bind /mnt/nsswitch.conf /etc/nsswitch.conf',
    'exec "$0" "$@"',
  ];
  return ['unshare', '--net', ...NAMESPACES, 'sh', '-c', prepare.join(' && ')];
}

const [unshare, ...inNetwork] = inNetworkOfItsOwn([]);
/** Why a test that needs a network of its own cannot run here, or false. */
const skipWithoutNetworks = works(unshare, [...inNetwork, 'true'])
  ? false
  : 'no network namespaces here (root, or unprivileged user namespaces, and iproute2)';

/** Why a test that needs a command cannot run here, or false. */
const skipWithoutCommand = (name) => (works(name, ['--version']) ? false : `no ${name} here`);

/**
 * A program of Node with $DISK, a disk of its own of `kibibytes`, and resize(kibibytes) for it.
 * @returns {Promise<{code, signal, stdout, stderr}>}
 */
function onSmallDisk(kibibytes, program) {
  const prologue = `
    const fs = require('node:fs');
    const path = require('node:path');
    const { DISK } = process.env;
    const resize = (kibibytes) => require('node:child_process').execFileSync(
      'mount', ['-o', 'remount,size=' + kibibytes + 'k', DISK]);
    const files = (folder) => fs.readdirSync(folder, { recursive: true }).sort();
  `;
  const mount = `mount -t tmpfs -o size=${kibibytes}k tmpfs /mnt && exec "$0" "$@"`;
  return node(['-e', `${prologue} (async () => { ${program} })();`], {
    env: { DISK: '/mnt' },
    within: ['unshare', ...NAMESPACES, 'sh', '-c', mount],
  });
}

/** What runs node as a user without privileges, where this one has them. */
const unprivileged = IS_ROOT
  ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  : [];
const [command, ...args] = [...unprivileged, 'test', '-r', path.join(ROOT, 'package.json')];
/** Why `unprivileged` cannot be used here, or false. */
const skipWithoutUser = works(command, args) ? false : `user ${NOBODY} may not read this folder`;

module.exports = {
  inNetworkOfItsOwn, onSmallDisk, skipWithoutCommand, skipWithoutMounts, skipWithoutNetworks, skipWithoutUser,
  unprivileged,
};
