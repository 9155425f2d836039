#!/usr/bin/env bash
# Builds the WASI guests from source: build-guests.sh [OUT]   (default: lib/guests, test/fixtures)
# Those of the package get Brotli. With OUT, all of them go to that folder as they are and nothing
# else is touched. Fetches the sources of libjpeg-turbo, libpng and zlib from Debian once, into
# MINNOW_GUEST_BUILD (default: build-guests).
# `scripts/setup.sh guests` installs the compilers. Exit code 3: the sources cannot be had.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-}
work=${MINNOW_GUEST_BUILD:-$root/build-guests}
mkdir -p "$work"
work=$(cd "$work" && pwd)

# The source packages, by apt's own means: a list, a state and a cache apart from the system's.
fetch_sources() {
  local apt="$work/apt" site
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$work/sources"
  # The mirror that this machine takes its packages from.
  site=$(apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(SITE)|$(REPO_URI)' \
    'Created-By: Packages' | sed -n 's/^Debian|bookworm|main|[^|]*|//p' | head -1)
  if [ -z "$site" ]; then
    echo "build-guests: apt has no index of Debian bookworm's main; run apt-get update" >&2
    return 1
  fi
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site bookworm main" \
    >"$apt/sources.list"
  local options=(
    -o "Dir::State=$apt/state" -o "Dir::Cache=$apt/cache" -o "Dir::Etc::SourceList=$apt/sources.list"
    -o Dir::Etc::SourceParts=/dev/null -o Dir::State::status=/var/lib/dpkg/status
    -o "APT::Sandbox::User=$(id -un)" -qq)
  apt-get "${options[@]}" update &&
    (cd "$work/sources" && apt-get "${options[@]}" source libjpeg-turbo libpng1.6 zlib) &&
    touch "$work/sources/complete"
}

if [ ! -f "$work/sources/complete" ]; then
  echo "build-guests: fetching the sources of libjpeg-turbo, libpng and zlib"
  fetch_sources >"$work/fetch.log" 2>&1 || {
    cat "$work/fetch.log" >&2
    exit 3
  }
fi
cmake -S "$root/src/guest" -B "$work/build" -G Ninja --log-level=WARNING \
  -DCMAKE_TOOLCHAIN_FILE="$root/cmake/wasi-toolchain.cmake" -DMINNOW_SOURCES="$work/sources"
cmake --build "$work/build"

install_guest() { # NAME FOLDER
  local folder=${out:-$root/$2}
  mkdir -p "$folder"
  cp "$work/build/$1" "$folder/$1"
  chmod 644 "$folder/$1"
  echo "build-guests: $folder/$1, $(stat -c %s "$folder/$1") bytes"
}
compress_guest() { # NAME FOLDER
  install_guest "$1" "$2"
  [ -z "$out" ] || return 0
  node - "$root/$2/$1" <<'EOF'
const { readFileSync, rmSync, writeFileSync } = require('node:fs');
const file = process.argv[2];
const packed = require('node:zlib').brotliCompressSync(readFileSync(file));
writeFileSync(`${file}.br`, packed);
rmSync(file);
console.log(`build-guests: ${file}.br, ${packed.length} bytes`);
EOF
}
compress_guest infer.wasm lib/guests
compress_guest classify-nn.wasm lib/guests
install_guest component-core.wasm test/fixtures/guests
