#!/usr/bin/env bash
# Builds and runs the C++ tests of one CMake preset: test-native.sh [PRESET [CTEST ARGS...]]
# In CI (CI=true) warnings are errors. MINNOW_TARGETS: build only those of these targets that there
# are. The results also lie in out/PRESET/tests.xml (JUnit).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:-release}
shift || true
jobs=${JOBS:-$(nproc)}
[ "$jobs" != max ] || jobs=$(nproc)
werror=OFF
[ "${CI:-}" != true ] || werror=ON

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
  }
}
echo "native: building ($preset)"
quietly cmake --preset "$preset" -DMINNOW_WERROR=$werror
targets=(all)
if [ -n "${MINNOW_TARGETS:-}" ]; then
  mapfile -t targets < <(ninja -C "out/$preset" -t targets all | sed -n 's/: phony$//p' |
    grep -Fx -e "${MINNOW_TARGETS// /$'\n'}")
fi
quietly cmake --build --preset "$preset" --parallel "$jobs" --target "${targets[@]}"
ctest --preset "$preset" --parallel "$jobs" --output-junit tests.xml --no-tests=error --quiet "$@" ||
  failed=1
node scripts/report-tests.mjs "out/$preset/tests.xml"
exit ${failed:-0}
