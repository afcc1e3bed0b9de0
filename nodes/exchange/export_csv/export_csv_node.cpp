#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/exchange/export_csv/export_csv.h"

namespace mito::nodes {
namespace {

/// detections, their slide [, its hotspot] -> detections.csv in the output folder.
struct ExportCsv {
  static constexpr graph::NodeInfo kInfo{.type = "export_csv",
                                         .version = 2,
                                         .paper = "-",
                                         .summary = "Writes detections as a CSV table.",
                                         .inputs = {"detections", "slide", "hotspot"},
                                         .sink = true};

  static OutputFile run(const DetectionSet& detections,
                        const Slide& slide,
                        const Hotspot* hotspot) {
    const auto& info = slide.info();
    return {"detections.csv",
            export_csv::to_csv({detections, info.name, info.mpp_x, info.mpp_y, hotspot})};
  }
};

/// candidates of a slide, the slide -> candidates.csv in the output folder.
struct ExportCandidates {
  static constexpr graph::NodeInfo kInfo{.type = "export_candidates",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Writes candidates as a CSV table.",
                                         .inputs = {"candidates", "slide"},
                                         .sink = true};

  static OutputFile run(const CandidateSet& candidates, const Slide& slide) {
    return {"candidates.csv", export_csv::candidates_to_csv(candidates, slide.info().name)};
  }
};

}  // namespace

void register_export_csv(graph::Registry& registry) {
  registry.add<ExportCsv>();
  registry.add<ExportCandidates>();
}

}  // namespace mito::nodes
