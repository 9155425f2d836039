// Which compiler or linker flags do libjpeg-turbo and libpng need here? binding.gyp asks; when they
// are missing the answer is what to install.
import { spawnSync } from 'node:child_process';

const packages = ['libjpeg', 'libpng'];
const modes = { cflags: '--cflags-only-I', libs: '--libs' };

const mode = modes[process.argv[2]];
if (!mode) {
  console.error(`usage: node native-deps.mjs ${Object.keys(modes).join('|')}`);
  process.exit(2);
}

const found = spawnSync('pkg-config', [mode, ...packages], { encoding: 'utf8' });
if (found.status === 0) {
  console.log(found.stdout.trim());
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
