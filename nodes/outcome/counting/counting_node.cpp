#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
      .sink = true};
  using Params = counting::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"detections", "slide", "mask",
                                                           "calibration"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const DetectionSet& detections,
                          const Slide& slide,
                          const TissueMask* mask,
                          const File* calibration) {
    const auto table =
        calibration == nullptr ? counting::Calibration() : counting::Calibration(calibration->path);
    const std::string text = counting::to_json(params, slide.info().name, detections, mask, table);
    write_file(context.out_folder / counting::kFile, text);
    return {counting::kFile, sha256(text)};
  }
};

}  // namespace

void register_counting(graph::Registry& registry) { registry.add<CountingNode>(); }

}  // namespace mito::nodes
