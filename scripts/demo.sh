#!/usr/bin/env bash
# `npm run demo`: from a clean clone to predictions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh demo
node scripts/build-addon.mjs
exec node test.js
