#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
                                         .sink = true};
  using Params = NoParams;
  static constexpr std::array<std::string_view, 2> kInputs{"detections", "slide"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& /*params*/,
                          const graph::NodeContext& context,
                          const DetectionSet& detections,
                          const Slide& slide) {
    const std::string text =
        export_geojson::to_geojson(detections, slide.info().identity, slide.info().bounds_corner());
    write_file(context.out_folder / "detections.geojson", text);
    return {"detections.geojson", sha256(text)};
  }
};

}  // namespace

void register_export_geojson(graph::Registry& registry) { registry.add<ExportGeojson>(); }

}  // namespace mito::nodes
