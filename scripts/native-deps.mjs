// Which compiler or linker flags do libjpeg-turbo and libpng need here? binding.gyp asks; when they
// are missing the answer is what to install. MINNOW_STATIC=1 puts them and zlib into the addon, as
// `npm run prebuilds` wants it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

// zlib comes with libpng, which needs it.
const packages = ['libjpeg', 'libpng', 'zlib'];
const modes = { cflags: ['--cflags-only-I'], libs: ['--libs'], archives: ['--static', '--libs'] };

const wanted = process.argv[2];
const isStatic = wanted === 'libs' && process.env.MINNOW_STATIC === '1';
const mode = modes[isStatic ? 'archives' : wanted];
if (!mode) {
  console.error('usage: node native-deps.mjs cflags|libs');
  process.exit(2);
}

function pkgConfig(...args) {
  return spawnSync('pkg-config', args, { encoding: 'utf8' });
}

/** "-ljpeg -lm" with the archive's path in the place of each library that goes into the addon. */
function withArchives(flags) {
  const folders = packages.map((name) => pkgConfig('--variable=libdir', name).stdout.trim());
  const list = [...new Set(flags.split(/\s+/))].map((flag) => {
    if (!/^-l(jpeg|png\d*|z)$/.test(flag)) return flag;
    const names = folders.map((folder) => path.join(folder, `lib${flag.slice(2)}.a`));
    const archive = names.find(existsSync);
    if (archive !== undefined) return archive;
    console.error(`minnow: MINNOW_STATIC=1, but there is no ${names[0]}`);
    return process.exit(1);
  });
  const hidden = process.platform === 'linux' ? ['-Wl,--exclude-libs,ALL'] : [];
  return [...hidden, ...list, '-static-libgcc'].join(' ');
}

const found = pkgConfig(...mode, ...packages);
if (found.status === 0) {
  const flags = found.stdout.trim();
  console.log(isStatic ? withArchives(flags) : flags);
} else {
  const reason = found.error
    ? 'pkg-config does not run'
    : `pkg-config does not find ${packages.join(' and ')}: ${found.stderr.trim().split('\n')[0]}`;
  console.error(`
minnow cannot be built: ${reason}.
It compiles a C++17 addon against libjpeg-turbo and libpng. Install them, then npm install again:
  Debian, Ubuntu   apt-get install build-essential python3 pkg-config libjpeg-dev libpng-dev
  Fedora           dnf install gcc-c++ make python3 pkgconf libjpeg-turbo-devel libpng-devel
  Alpine           apk add build-base python3 pkgconf libjpeg-turbo-dev libpng-dev
  macOS            brew install pkg-config jpeg-turbo libpng
`);
  process.exit(1);
}
