#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/outcome/counting/counting.h"

namespace mito::nodes {
namespace {

/// detections, slide [, tissue; how often detections of a score are right] -> counting.json.
struct CountingNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "counting",
      .version = 1,
      .paper = "IV-D",
      .summary = "Writes counts per area, the densest places, and how sure the counts are.",
      .inputs = {"detections", "slide", "mask", "calibration"},
      .sink = true};

  static OutputFile run(const counting::Params& params,
                        const DetectionSet& detections,
                        const Slide& slide,
                        const TissueMask* mask,
                        const File* calibration) {
    const auto table = calibration == nullptr ? study::ScoreCalibration()
                                              : study::ScoreCalibration(calibration->path);
    return {counting::kFile, counting::to_json(params, slide.info().name, detections, mask, table)};
  }
};

}  // namespace

void register_counting(graph::Registry& registry) { registry.add<CountingNode>(); }

}  // namespace mito::nodes
