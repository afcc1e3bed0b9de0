#!/usr/bin/env bash
# Gives the readers of files from outside bytes that libFuzzer makes, under AddressSanitizer and UBSan.
#   tests/fuzz/run.sh SECONDS [TARGET ...]    each target for so long: all, or these (names of folders in tests/fuzz/seeds)
# What is worth keeping grows in build/fuzz/corpus. A finding ends its target, and the bytes lie in build/fuzz/findings, made
# small where that takes less than a minute; once mended, they go into tests/fuzz/seeds/TARGET, which fuzz_seeds_test reads.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ $# -gt 0 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
seconds=$1
shift
tools/install.sh clang-16 libclang-rt-16-dev  # 14, the default of Debian 12, does not compile the ranges of its libstdc++
cmake --preset fuzz >/dev/null
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(basename -a tests/fuzz/seeds/*/)
cmake --build --preset fuzz -j "$(nproc)" --target "${targets[@]/#/fuzz_}"

out=build/fuzz
mkdir -p $out/findings
failed=0
for target in "${targets[@]}"; do
  program=$out/tests/fuzz/fuzz_$target
  mkdir -p "$out/corpus/$target"
  # One input that takes 25 s is a hang; 2 GB are too much memory for 64 KB.
  if "$program" "$out/corpus/$target" "tests/fuzz/seeds/$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
    -max_len=65536 -print_final_stats=1 -artifact_prefix="$out/findings/$target-" >"$out/$target.log" 2>&1; then
    echo "$target: $(sed -nE 's/^stat::number_of_executed_units: *//p' "$out/$target.log") executions without a finding"
    continue
  fi
  failed=1
  found=$(sed -nE 's/.*Test unit written to (.*)/\1/p' "$out/$target.log" | tail -n 1)
  echo "$target: FINDING ${found:-without a file}, see $out/$target.log"
  [ -z "$found" ] || "$program" "$found" -minimize_crash=1 -max_total_time=60 -timeout=25 -rss_limit_mb=2048 \
    -exact_artifact_path="$found.small" >/dev/null 2>&1 || true
done
exit $failed
