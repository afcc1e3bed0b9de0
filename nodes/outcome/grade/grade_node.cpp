#include "engine/graph/node.h"
#include "nodes/outcome/grade/grade.h"

namespace mito::nodes {
namespace {

/// hotspot -> mitotic grade of the slide.
struct GradeNode {
  static constexpr graph::NodeInfo kInfo{.type = "grade",
                                         .version = 1,
                                         .paper = "IV-D",
                                         .summary = "Grades a slide by the count in its hotspot.",
                                         .inputs = {"hotspot"},
                                         .output = "grade"};

  static Grade run(const grade::Params& params, const Hotspot& hotspot) {
    return grade::of_count(hotspot.count_p95, params);
  }
};

}  // namespace

void register_grade(graph::Registry& registry) { registry.add<GradeNode>(); }

}  // namespace mito::nodes
