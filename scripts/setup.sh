#!/usr/bin/env bash
# Installs what Debian must provide, only where it is missing: setup.sh [demo|test|dev|guests]
#   demo  what `npm install` needs to compile the addon
#   test  (default) and what the C++ tests need
#   dev   and what benches, linting, fuzzing, conformance tests and .ci/run need
#   guests  what the test step needs, and what scripts/build-guests.sh compiles Wasm with
set -euo pipefail

level=${1:-test}
case $level in demo | test | dev | guests) ;; *)
  echo "usage: setup.sh [demo|test|dev|guests]" >&2
  exit 2
  ;;
esac

has() { command -v "$1" >/dev/null 2>&1; }
compiles() { echo "#include <$1>" | "${CXX:-g++}" -x c++ -fsyntax-only - >/dev/null 2>&1; }
library() { has pkg-config && pkg-config --exists "$1"; }
wasm_builtins() {
  has clang && [ -f "$(clang -print-resource-dir)/lib/wasi/libclang_rt.builtins-wasm32.a" ]
}

if ! has node || ! node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  process.exit(major > 20 || (major === 20 && minor >= 9) ? 0 : 1);'; then
  echo "setup: minnow needs Node.js 20.9 or later; here: $(node --version 2>/dev/null || echo none)" >&2
  exit 1
fi

missing=()
need() { # need PACKAGE PROBE...: a package is wanted when its probe fails
  local package=$1
  shift
  "$@" || missing+=("$package")
}

need build-essential has "${CXX:-g++}"
has make || missing+=(make)
need pkg-config has pkg-config
need python3 has python3
need libjpeg62-turbo-dev library libjpeg
need libpng-dev library libpng
if [ "$level" != demo ]; then
  need cmake has cmake
  need ninja-build has ninja
  need libgtest-dev compiles gtest/gtest.h
fi
if [ "$level" = dev ]; then
  need libbenchmark-dev compiles benchmark/benchmark.h
  need clang has clang++
  need clang-format has clang-format
  need clang-tidy has clang-tidy
  need valgrind has valgrind
  # A clock that jumps, for a test; without it, it skips.
  need faketime has faketime
  # A network of a test's own, with a name server; without it, it skips.
  need iproute2 has ip
  # For the tests of the page and of the queue; without them, those skip.
  need chromium has chromium
  need redis-server has redis-server
  # Model files to test conformance with; without them those tests skip.
  need libonnx-testdata test -d /usr/share/libonnx-testdata/data
fi
if [ "$level" = guests ]; then
  need clang has clang++
  need lld has wasm-ld
  need llvm has llvm-ar
  need wasi-libc test -f /usr/lib/wasm32-wasi/libc.a
  need libc++-dev-wasm32 test -f /usr/lib/wasm32-wasi/libc++.a
  need libclang-rt-dev-wasm32 wasm_builtins
  # For apt-get source.
  need dpkg-dev has dpkg-source
fi

if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: everything that the $level step needs is installed"
  exit 0
fi

if ! has apt-get; then
  echo "setup: not a Debian system. Missing, by Debian's package names: ${missing[*]}" >&2
  echo "setup: going on; the build says what it cannot do without" >&2
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! has sudo; then
    echo "setup: missing: ${missing[*]}" >&2
    echo "setup: neither root nor sudo here; run as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    echo "setup: failed: $*" >&2
    exit 1
  }
}
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
echo "setup: reading Debian's package lists"
quietly "${apt[@]}" update
echo "setup: installing ${missing[*]}"
quietly "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
echo "setup: done"
