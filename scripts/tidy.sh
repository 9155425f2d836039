#!/usr/bin/env bash
# clang-tidy over the engine's sources, last changed first: tidy.sh [SECONDS]
# Stops taking new files after SECONDS (default: no limit) and says how many it left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
limit=${1:-1000000}
cmake --preset clang >/dev/null
mapfile -t files < <({
  git log -n 200 --name-only --format= -- 'src/*.cc' 2>/dev/null | awk '!seen[$0]++'
  find src -name '*.cc' | sort
} | awk '!seen[$0]++' | grep -vE '^src/(binding|guest)/' | while read -r file; do
  if [ -f "$file" ]; then echo "$file"; fi
done)

end=$(($(date +%s) + limit))
export end
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export results
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c '
  [ "$(date +%s)" -lt "$end" ] || exit 0
  echo "$1" >>"$results/checked"
  log=$(mktemp -p "$results")
  if clang-tidy -p out/clang --quiet "$1" >"$log" 2>/dev/null; then rm "$log"; fi
' tidy
checked=$(wc -l <"$results/checked")
rm -f "$results/checked"
echo "tidy: $checked of ${#files[@]} files checked"
if [ -n "$(ls -A "$results")" ]; then
  cat "$results"/*
  exit 1
fi
