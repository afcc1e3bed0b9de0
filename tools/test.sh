#!/usr/bin/env bash
# Installs what it needs, builds the release preset, runs all tests; or builds and runs one part of them.
#   tools/test.sh [ctest arguments]        for example: tools/test.sh -L vectors
#   tools/test.sh NAME [test arguments]    the test programs with NAME in their name, and what they need; else the
#                                          tests of that name that are scripts:
#                                            tools/test.sh nodes_grade --gtest_filter='*Thresholds*'
#                                            tools/test.sh layers
# $MITO_PRESET names another preset.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install.sh
preset=${MITO_PRESET:-release}
build=build/$preset
cmake --preset "$preset" >/dev/null

if [ $# -eq 0 ] || [[ $1 == -* ]]; then
  cmake --build --preset "$preset" -j "$(nproc)"
  exec ctest --test-dir "$build" --output-on-failure -j "$(($(nproc) + 1))" "$@"  # some wait most of their time
fi
name=$1
shift

mapfile -t programs < <(ninja -C "$build" -t targets all |
  sed -nE 's|^(tests/[a-z0-9_/]+): CXX_EXECUTABLE_LINKER__.*|\1|p' | grep -v '/mito_test_headers$' |
  grep -E "/[^/]*$name[^/]*\$" || true)
if [ ${#programs[@]} -gt 0 ]; then
  cmake --build --preset "$preset" -j "$(nproc)" --target "${programs[@]##*/}"
  failed=0
  for program in "${programs[@]}"; do
    echo "== $program"
    (cd "$build/${program%/*}" && "./${program##*/}" "$@") || failed=1
  done
  exit "$failed"
fi

# Scripts that CTest runs; some of them run mitoloom.
scripts=$(ctest --test-dir "$build" -R "^$name" --show-only=json-v1)
within=$(grep -oE "/$build/tests/[a-z0-9_/]+\"" <<<"$scripts" | sed -E 's|.*/||; s|"||' | sort -u | paste -sd ' ' || true)
if [ -n "$within" ]; then
  echo "tools/test.sh: '$name' is the name of tests within $within: tools/test.sh PROGRAM --gtest_filter='$name*'" >&2
  exit 2
fi
if ! grep -q '"command"' <<<"$scripts"; then
  echo "tools/test.sh: no test program has '$name' in its name and no test begins with it; see tests/*/CMakeLists.txt" >&2
  exit 2
fi
if grep -q "/$build/mitoloom\"" <<<"$scripts"; then
  cmake --build --preset "$preset" -j "$(nproc)" --target mitoloom
fi
exec ctest --test-dir "$build" --output-on-failure -R "^$name" "$@"
