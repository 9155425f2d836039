#!/usr/bin/env bash
# What style tools have to say: clang-format, eslint, and clang-tidy (see tidy.sh for its arguments).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh dev
node scripts/build-addon.mjs
bash scripts/format.sh
npx --no-install eslint --max-warnings 0 .
bash scripts/tidy.sh "$@"
