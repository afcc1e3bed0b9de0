#include <utility>

#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "engine/types/points_csv.h"
#include "nodes/exchange/export_geojson/export_geojson.h"

namespace mito::nodes {
namespace {

/// detections, their slide [, its hotspot, its mask, true mitoses] -> detections.geojson in the
/// output folder.
struct ExportGeojson {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_geojson",
      .version = 4,
      .paper = "-",
      .summary = "Writes detections, the hotspot and the tissue as GeoJSON for QuPath.",
      .inputs = {"detections", "slide", "hotspot", "mask", "truth"},
      .sink = true};

  static OutputFile run(const export_geojson::Params& params,
                        const DetectionSet& detections,
                        const Slide& slide,
                        const Hotspot* hotspot,
                        const TissueMask* mask,
                        const File* truth) {
    const auto& info = slide.info();
    export_geojson::Subject subject{detections, info.identity, info.bounds_corner(), hotspot, mask};
    if (truth != nullptr) {
      const auto origin = params.truth_origin == "bounds" ? subject.origin : PointL0{};
      subject.truth = true_mitoses(read_points(truth->path), info.path, origin);
    }
    return {"detections.geojson", export_geojson::to_geojson(params, subject)};
  }
};

}  // namespace

void register_export_geojson(graph::Registry& registry) { registry.add<ExportGeojson>(); }

}  // namespace mito::nodes
