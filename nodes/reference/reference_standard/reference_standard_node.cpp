#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/reference/reference_standard/reference_standard.h"

namespace mito::nodes {
namespace {

/// spots, what the networks say of them, their registration -> the reference standard.
struct ReferenceStandardNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "reference_standard",
      .version = 1,
      .paper = "III-B",
      .summary = "Puts the mitoses of a PHH3 slide onto its H&E slide, with a verdict each."};
  using Params = reference_standard::Params;
  static constexpr std::array<std::string_view, 5> kInputs{"he", "spots", "mitoses", "registration",
                                                           "artefacts"};
  static constexpr std::string_view kOutput = "reference";

  static ReferenceStandard run(const Params& params,
                               const Slide& he,
                               const SpotSet& spots,
                               const SpotScores& mitoses,
                               const LocalRegistration& registration,
                               const SpotScores* artefacts) {
    return reference_standard::build(spots, artefacts, mitoses, registration, he.analysis_grid(),
                                     params);
  }
};

/// reference standard -> its accepted mitoses, for everything that takes detections.
struct ReferencePoints {
  static constexpr graph::NodeInfo kInfo{
      .type = "reference_points",
      .version = 1,
      .paper = "III-B",
      .summary = "Takes the accepted mitoses of a reference standard as detections."};
  static constexpr std::array<std::string_view, 2> kInputs{"reference", "mitoses"};
  static constexpr std::string_view kOutput = "detections";

  static DetectionSet run(const NoParams&,
                          const ReferenceStandard& reference,
                          const SpotScores& mitoses) {
    return reference_standard::accepted(reference, mitoses.threshold);
  }
};

}  // namespace

void register_reference_standard(graph::Registry& registry) {
  registry.add<ReferenceStandardNode>();
  registry.add<ReferencePoints>();
}

}  // namespace mito::nodes
