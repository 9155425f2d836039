#!/usr/bin/env bash
# Checks the C++ formatting; with --fix, formats.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
find src test bench -name node_modules -prune -o \( -name '*.cc' -o -name '*.h' \) -print0 |
  xargs -0 -r -n 16 -P "$(nproc)" clang-format --style=file "${mode[@]}"
