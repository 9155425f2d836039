#!/usr/bin/env bash
# Builds the fuzzers and runs them one after the other:
#   fuzz.sh [SECONDS] [TARGET...]            each for 20 seconds, or SECONDS
#   fuzz.sh --nightly MINUTES [TARGET...]    each for MINUTES, then what it collected is minimised
# They start from the seeds that test/fuzz/write_seeds.cc makes, from test/fuzz/regressions, and
# from what earlier runs collected in out/fuzz/corpus. A find lies in out/fuzz/finds: mend it, and
# keep the file, small, in test/fuzz/regressions/TARGET. out/fuzz/runs.tsv has a line for each run:
# time, target, CPU seconds, inputs tried, finds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
all=(jpeg png onnx tensorflow tflite openvino torchscript torchscript_archive wasi_nn)
nightly=false
if [ "${1:-}" = --nightly ]; then
  nightly=true
  seconds=$((60 * ${2:?minutes are missing}))
  shift 2
else
  seconds=${1:-20}
  shift || true
fi
[ $# -gt 0 ] || set -- "${all[@]}"

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --parallel "$(nproc)" --target \
  minnow_fuzz_seeds "${@/#/minnow_fuzz_}" >out/fuzz/build.log || {
  cat out/fuzz/build.log >&2
  exit 1
}
out=out/fuzz
bin=$out/test/fuzz
"$bin/minnow_fuzz_seeds" "$out/seeds" >/dev/null
mkdir -p "$out/finds"

# minimise NAME: keeps of the corpus what no smaller part of it covers.
minimise() {
  local corpus=$out/corpus/$1
  rm -rf "$corpus.least"
  mkdir -p "$corpus.least"
  "$bin/minnow_fuzz_$1" -merge=1 -timeout=10 -rss_limit_mb=2048 "$corpus.least" "$corpus" \
    "$out/seeds/$1" >"$out/$1.log" 2>&1
  rm -rf "$corpus"
  mv "$corpus.least" "$corpus"
}

failed=0
for name in "$@"; do
  corpora=("$out/corpus/$name" "$out/seeds/$name")
  mkdir -p "${corpora[0]}"
  [ ! -d "test/fuzz/regressions/$name" ] || corpora+=("test/fuzz/regressions/$name")
  status=0
  TIMEFORMAT='%U %S'
  { time "$bin/minnow_fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=16384 -print_final_stats=1 -dict="$out/seeds/$name.dict" \
    -artifact_prefix="$out/finds/$name-" "${corpora[@]}" >"$out/$name.log" 2>&1; } \
    2>"$out/$name.time" || status=$?
  cpu=$(awk '{ printf "%d", $1 + $2 }' "$out/$name.time")
  tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$name.log")
  printf '%s\t%s\t%s\t%s\t%s\n' "$(date -u +%FT%TZ)" "$name" "$cpu" "${tried:-0}" \
    "$([ $status -eq 0 ] && echo 0 || echo 1)" >>"$out/runs.tsv"
  if [ $status -ne 0 ]; then
    failed=1
    tail -n 60 "$out/$name.log"
  elif $nightly; then
    minimise "$name"
  fi
  echo "fuzz: $name: ${tried:-0} inputs, $cpu CPU seconds, $(find "${corpora[0]}" -type f | wc -l) kept"
done
exit $failed
