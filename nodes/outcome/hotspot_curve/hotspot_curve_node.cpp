#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "engine/types/cases.h"
#include "engine/types/seen_images.h"
#include "nodes/outcome/hotspot_curve/hotspot_curve.h"
#include "nodes/outcome/study/seen_cases.h"

namespace mito::nodes {
namespace {

/// detections, slide, table of the study [, tissue, the network that detected, to count at its
/// threshold, too, and to refuse cases it was trained on] -> the hotspot's count at every
/// threshold.
struct HotspotCurve {
  static constexpr graph::NodeInfo kInfo{
      .type = "hotspot_curve",
      .version = 2,
      .paper = "V",
      .summary = "Counts the hotspot of a slide at every threshold, beside its reference grade.",
      .inputs = {"detections", "slide", "cohort", "mask", "model"},
      .output = "counts"};

  static std::optional<Measured> measures(const hotspot_curve::Params& params,
                                          const Foresight& ahead) {
    return study::measured_slides(params.case_pattern, ahead);
  }
  static stats::SlideCounts run(const hotspot_curve::Params& params,
                                const DetectionSet& detections,
                                const Slide& slide,
                                const File& cohort,
                                const TissueMask* mask,
                                const nn::Model* model) {
    const auto own = model == nullptr ? std::nullopt : std::optional(model->info().threshold);
    auto out = hotspot_curve::count(params, slide.info(), detections, mask,
                                    read_cohort_table(cohort.path), own);
    if (model != nullptr) refuse_seen({nn::seen_in_training(model->info())}, out.measured());
    return out;
  }
};

}  // namespace

void register_hotspot_curve(graph::Registry& registry) { registry.add<HotspotCurve>(); }

}  // namespace mito::nodes
