#!/usr/bin/env bash
# Builds the C++ benches and runs them, arguments to each: bench.sh [--benchmark_filter=…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh dev
cmake --preset bench >/dev/null
cmake --build --preset bench --parallel "$(nproc)"
for bench in kernels image; do
  "out/bench/bench/src/minnow_bench_$bench" "$@"
done
