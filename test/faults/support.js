// Real faults for a child process: a disk that is full, a user who may not, a system without memory.
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

module.exports = { onSmallDisk, skipWithoutCommand, skipWithoutMounts, skipWithoutUser, unprivileged };
