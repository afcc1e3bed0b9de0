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
      .summary = "Chooses the threshold of detections that gives the highest F1."};
  using Params = tune_detection::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"slide"};
  static constexpr std::string_view kOutput = "tuning";

  struct Acc {
    Params params;
    std::vector<stats::CohortSlide> cohort;
  };

  static std::string check(const Params& params) { return tune_detection::check(params); }
  static Acc begin(const Params& params, std::uint32_t /*size*/) { return {params, {}}; }
  static void add(Acc& acc, std::uint32_t /*index*/, const stats::CohortSlide& slide) {
    stats::add_slide(acc.cohort, slide);
  }
  static Tuning finish(Acc acc) { return tune_detection::tune(acc.params, acc.cohort); }
};

}  // namespace

void register_tune_detection(graph::Registry& registry) { registry.add<TuneDetection>(); }

}  // namespace mito::nodes
