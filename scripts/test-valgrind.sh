#!/usr/bin/env bash
# C++ tests that load, run and close networks, under valgrind: test-valgrind.sh
# An error, or memory that is definitely lost, fails. (The shared pool's threads live to the end.)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=${JOBS:-$(nproc)}
[ "$jobs" != max ] || jobs=$(nproc)

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo 'native: building (release)'
if ! { cmake --preset release &&
  cmake --build --preset release --parallel "$jobs" \
    --target minnow_test_classify minnow_test_runtime; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
# Valgrind knows no AVX-512, and runs one thread at a time, others that spin included.
export MINNOW_ISA=avx2 MINNOW_THREADS=1
watched() {
  valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite \
    --error-exitcode=99 "out/release/test/src/minnow_test_$1" --gtest_brief=1 --gtest_filter="$2"
}
watched classify '*'
# Without those that take most of a minute, or count allocations themselves.
watched runtime 'Model.*:Session.*:WeightCache.*-*SameBitsAfter*:*Allocat*:*WholeNet*:*AtOnce'
