#include "engine/graph/node.h"
#include "nodes/outcome/tune_detection/tune_detection.h"

namespace mito::nodes {
namespace {

/// the slides of the tuning cases -> the threshold on the score of a detection.
struct TuneDetection {
  static constexpr graph::NodeInfo kInfo{
      .type = "tune_detection",
      .version = 1,
      .paper = "V",
      .summary = "Chooses the threshold of detections that gives the highest F1.",
      .inputs = {"slide"},
      .output = "tuning"};

  /// The cases that thresholds are chosen on.
  static std::shared_ptr<const Measured> foretell(const Foresight& ahead) {
    return ahead.at<Measured>("slide");
  }
  static void add(std::vector<stats::CohortSlide>& cohort, const stats::CohortSlide& slide) {
    stats::add_slide(cohort, slide);
  }
  static Tuning finish(const tune_detection::Params& params,
                       std::vector<stats::CohortSlide> cohort) {
    return tune_detection::tune(params, cohort);
  }
};

}  // namespace

void register_tune_detection(graph::Registry& registry) { registry.add<TuneDetection>(); }

}  // namespace mito::nodes
