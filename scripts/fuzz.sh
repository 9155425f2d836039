#!/usr/bin/env bash
# Builds the fuzzers and runs each for some seconds: fuzz.sh [SECONDS], 20 by default.
# Small images and models of the test data are where they start; what they find stays in out/fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-20}
data=${MINNOW_TEST_DATA:-../shared/data}
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --parallel "$(nproc)"

fuzz() { # fuzz NAME FOLDER...: seeds are the files under 200 kB of the folders
  local name=$1 corpus=out/fuzz/corpus-$1 folders=()
  shift
  mkdir -p "$corpus"
  for folder in "$@"; do
    [ ! -d "$folder" ] || folders+=("$folder")
  done
  [ ${#folders[@]} -eq 0 ] || find "${folders[@]}" -type f -size -200k -exec cp -t "$corpus" {} +
  "out/fuzz/test/fuzz/minnow_fuzz_$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -max_len=200000 -print_final_stats=1 -artifact_prefix="out/fuzz/$name-" "$corpus"
}
fuzz image "$data/images" test/fixtures
fuzz importers "$data/models" models/shapes test/fixtures
fuzz openvino test/fuzz/openvino
fuzz torchscript test/fuzz/torchscript
