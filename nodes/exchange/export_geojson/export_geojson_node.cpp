#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/exchange/export_geojson/export_geojson.h"

namespace mito::nodes {
namespace {

/// detections, their slide -> detections.geojson in the output folder.
struct ExportGeojson {
  static constexpr graph::NodeInfo kInfo{.type = "export_geojson",
                                         .version = 2,
                                         .paper = "-",
                                         .summary = "Writes detections as GeoJSON for QuPath.",
                                         .inputs = {"detections", "slide"},
                                         .sink = true};

  static OutputFile run(const DetectionSet& detections, const Slide& slide) {
    return {"detections.geojson", export_geojson::to_geojson(detections, slide.info().identity,
                                                             slide.info().bounds_corner())};
  }
};

}  // namespace

void register_export_geojson(graph::Registry& registry) { registry.add<ExportGeojson>(); }

}  // namespace mito::nodes
