#include "engine/graph/node.h"
#include "nodes/outcome/grade/grade.h"

namespace mito::nodes {
namespace {

/// hotspot -> mitotic grade of the slide.
struct GradeNode {
  static constexpr graph::NodeInfo kInfo{.type = "grade",
                                         .version = 1,
                                         .paper = "IV-D",
                                         .summary = "Grades a slide by the count in its hotspot."};
  using Params = grade::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"hotspot"};
  static constexpr std::string_view kOutput = "grade";

  static std::string check(const Params& params) { return grade::check(params); }
  static Grade run(const Params& params, const Hotspot& hotspot) {
    return grade::of_count(hotspot.count_p95, params);
  }
};

}  // namespace

void register_grade(graph::Registry& registry) { registry.add<GradeNode>(); }

}  // namespace mito::nodes
