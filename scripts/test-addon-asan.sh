#!/usr/bin/env bash
# JavaScript tests on an addon with AddressSanitizer and UBSan, then LeakSanitizer:
#   test-addon-asan.sh [FILE...]   default: those of test/binding and test/lib that call the addon most
# Fails also where the addon lost memory; what Node and V8 keep to the end is theirs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=${JOBS:-$(nproc)}
[ "$jobs" != max ] || jobs=$(nproc)
compiler=${CXX:-g++}
files=("$@")
[ $# -gt 0 ] || files=(test/binding/{addon,gc}.test.js
  test/lib/{guest,mobilenet,model,stream,wasi-nn,wasi-nn-component}.test.js)

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo 'addon: building (asan)'
if ! { cmake --preset asan -DMINNOW_BUILD_ADDON=ON &&
  cmake --build --preset asan --parallel "$jobs" --target minnow_addon; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi

# Where lib/binding.js finds an addon first.
export MINNOW_PREBUILD=$PWD/out/asan/addon
reports=$MINNOW_PREBUILD/reports
rm -rf "$MINNOW_PREBUILD"
mkdir -p "$MINNOW_PREBUILD/build/Release" "$reports"
ln -s "$PWD/out/asan/minnow.node" "$MINNOW_PREBUILD/build/Release/minnow.node"
# Node is no program of a sanitizer: the runtime comes before it, and libstdc++ for exceptions.
preload=$($compiler -print-file-name=libasan.so):$($compiler -print-file-name=libstdc++.so.6)
# Reports go to files, for tests look at standard error.
options=abort_on_error=1:allocator_may_return_null=1:log_path=$reports/log
export UBSAN_OPTIONS="print_stacktrace=1:log_path=$reports/log"

status=0
LD_PRELOAD=$preload ASAN_OPTIONS="detect_leaks=0:$options" \
  node scripts/test-js.mjs "${files[@]}" || status=1
# In one process each: looking for leaks takes seconds at the end of every process. Node has some,
# so that they may not change the exit code.
for file in test/lib/{model,mobilenet,stream,wasi-nn}.test.js; do
  LD_PRELOAD=$preload ASAN_OPTIONS="detect_leaks=1:exitcode=0:symbolize=0:$options" \
    node "$file" >"$log" || { cat "$log"; status=1; }
done
node scripts/report-leaks.mjs "$reports" || status=1
exit $status
