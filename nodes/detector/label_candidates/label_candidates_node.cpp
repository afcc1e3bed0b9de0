#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/detector/label_candidates/label_candidates.h"

namespace mito::nodes {
namespace {

/// candidates and annotations of a slide [, its tissue] -> candidates with their classes.
struct LabelCandidates {
  static constexpr graph::NodeInfo kInfo{
      .type = "label_candidates",
      .version = 1,
      .paper = "IV-A",
      .summary = "Calls candidates positive or negative by their distance to reference mitoses."};
  using Params = label_candidates::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"candidates", "annotations", "slide",
                                                           "mask"};
  static constexpr std::string_view kOutput = "labelled";

  static std::string check(const Params& params) { return label_candidates::check(params); }
  static LabelledCandidates run(const Params& params,
                                const CandidateSet& candidates,
                                const ImageAnnotations& annotations,
                                const Slide& slide,
                                const TissueMask* mask) {
    return label_candidates::label(params,
                                   {slide.analysis_grid(), slide.info().name, slide.info().identity,
                                    mask == nullptr ? 0 : mask->area_mm2},
                                   candidates, annotations);
  }
};

}  // namespace

void register_label_candidates(graph::Registry& registry) { registry.add<LabelCandidates>(); }

}  // namespace mito::nodes
