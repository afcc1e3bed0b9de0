#!/usr/bin/env bash
# Installs what it needs, builds the release preset, runs all tests.
#   tools/test.sh [ctest arguments]     for example: tools/test.sh -L vectors
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install.sh
preset=${MITO_PRESET:-release}
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" -j "$(nproc)"
ctest --test-dir "build/$preset" --output-on-failure -j "$(nproc)" "$@"
