#!/usr/bin/env bash
# `npm test`: from a clean clone to every test, C++ first. Fails when either part fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh test
node scripts/build-addon.mjs
status=0
bash scripts/test-native.sh || status=1
node scripts/test-js.mjs || status=1
exit $status
