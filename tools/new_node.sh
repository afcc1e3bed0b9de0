#!/usr/bin/env bash
# Makes a stage that compiles and passes its test, to be changed into what it shall be.
#   tools/new_node.sh PART/STAGE SECTION SUMMARY
#   tools/new_node.sh outcome/keep_best IV-D 'Keeps the detections with a high score.'
# PART: slides, reference, detector, outcome, exchange or drawn. STAGE: lower case words joined by _.
# SECTION: of the paper, - for none. SUMMARY: one sentence, for `mitoloom nodes` and the node's page.
# Writes the pure half, the adapter and the test, adds a line to nodes/STAGES, and says what comes next.
# See docs/writing_a_node.md.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "tools/new_node.sh: $1" >&2; exit 2; }

[ $# -eq 3 ] || { sed -n '2,8s/^# //p' "$0"; exit 2; }
place=$1 section=$2 summary=$3
stage=${place##*/}
part=${place%%/*}
[[ $place =~ ^[a-z]+/[a-z][a-z0-9_]*$ ]] || fail "expected PART/STAGE in lower case, words joined by _, got '$place'"
[[ $stage != *_node && $stage != *_test ]] || fail "STAGE must not end in _node or _test: the build tells files apart by that"
[[ -n $section && $section != *[\"\\\ ]* ]] || fail "SECTION must be one word such as IV-D, or -, got '$section'"
[[ $summary =~ ^[A-Z].*\.$ && $summary != *[\"\\]* ]] ||
  fail "SUMMARY must be a sentence with a capital and a full stop, without quotes and backslashes, got '$summary'"
[ -d "nodes/$part" ] || fail "there is no folder nodes/$part"
folder=nodes/$place
test=tests/$folder
test=${test}_test.cpp
[ ! -e "$folder" ] || fail "$folder is there already"
[ ! -e "$test" ] || fail "$test is there already"
! grep -qE "^[a-z]+/$stage( |$)" nodes/STAGES || fail "nodes/STAGES has a stage $stage already"
! grep -rqF ".type = \"$stage\"" nodes || fail "there is a node type $stage already"

pascal=$(sed -E 's/(^|_)([a-z0-9])/\U\2/g' <<<"$stage")
mkdir -p "$folder" "$(dirname "$test")"

cat >"$folder/$stage.h" <<END_HEADER
#pragma once
#include "engine/core/params.h"
#include "engine/types/pathology.h"

namespace mito::$stage {

struct Params {
  double min_score = 0.9;

  static void describe(auto& p, auto&& field) {
    field("min_score", p.min_score,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "Detections with at least this score are kept."});
  }
};

/// $summary
/// Keeps their order.
DetectionSet compute(const DetectionSet& detections, const Params& params);

}  // namespace mito::$stage
END_HEADER

cat >"$folder/$stage.cpp" <<END_SOURCE
#include "$folder/$stage.h"

#include <vector>

namespace mito::$stage {

DetectionSet compute(const DetectionSet& detections, const Params& params) {
  DetectionSet out = detections;
  std::erase_if(out.items,
                [&](const Detection& detection) { return detection.score < params.min_score; });
  return out;
}

}  // namespace mito::$stage
END_SOURCE

cat >"$folder/${stage}_node.cpp" <<END_NODE
#include "engine/graph/node.h"
#include "$folder/$stage.h"

namespace mito::nodes {
namespace {

/// detections -> detections.
struct ${pascal}Node {
  static constexpr graph::NodeInfo kInfo{
      .type = "$stage",
      .version = 1,
      .paper = "$section",
      .summary = "$summary",
      .inputs = {"detections"},
      .output = "detections"};

  static DetectionSet run(const $stage::Params& params, const DetectionSet& detections) {
    return $stage::compute(detections, params);
  }
};

}  // namespace

void register_$stage(graph::Registry& registry) { registry.add<${pascal}Node>(); }

}  // namespace mito::nodes
END_NODE

cat >"$test" <<END_TEST
#include "$folder/$stage.h"

#include <gtest/gtest.h>

namespace mito::$stage {
namespace {

TEST($pascal, KeepsDetectionsFromTheLowestScoreOn) {
  DetectionSet detections;
  detections.items = {{{5, 5}, 0.95, 3}, {{20, 5}, 0.9, 2}, {{40, 5}, 0.89, 2}};

  const auto kept = compute(detections, {.min_score = 0.9});

  ASSERT_EQ(kept.items.size(), 2U);
  EXPECT_EQ(kept.items[0], detections.items[0]);
  EXPECT_EQ(kept.items[1], detections.items[1]);
}

}  // namespace
}  // namespace mito::$stage
END_TEST

# Long summaries make lines that only the formatter breaks well.
if command -v clang-format >/dev/null; then
  clang-format -i "$folder"/*.h "$folder"/*.cpp "$test"
fi
last=$(grep -n "^$part/" nodes/STAGES | tail -n 1 | cut -d: -f1)
sed -i "${last}a $place" nodes/STAGES

cat <<END_NEXT
made $folder/$stage.h, $stage.cpp, ${stage}_node.cpp, $test and a line of nodes/STAGES
next:
  tools/test.sh nodes_${stage}_test                      builds and runs its test
  change the step, its parameters and its test; libraries that it needs go behind it in nodes/STAGES
  cmake --build --preset release --target mitoloom
  build/release/mitoloom schema --docs docs              writes its page and schema, which tests hold in step
  a line in CHANGELOG.md
END_NEXT
