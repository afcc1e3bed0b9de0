#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"
#include "nodes/exchange/export_spots/export_spots.h"

namespace mito::nodes {
namespace {

/// spots, their slide, optionally what a network says of them -> spots.csv or spots.geojson.
struct ExportSpots {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_spots",
      .version = 2,
      .paper = "-",
      .summary = "Writes the candidates of a PHH3 slide as a table or for QuPath.",
      .sink = true};
  using Params = export_spots::Params;
  static constexpr std::array<std::string_view, 3> kInputs{"spots", "slide", "scores"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const SpotSet& spots,
                          const Slide& slide,
                          const SpotScores* scores) {
    const bool csv = params.format == "csv";
    const std::string text = csv ? export_spots::to_csv(spots, scores, slide.info().name)
                                 : export_spots::to_geojson(spots, scores, slide.info().identity,
                                                            slide.info().bounds_corner());
    const std::string name = csv ? "spots.csv" : "spots.geojson";
    write_file(context.out_folder / name, text);
    return {name, sha256(text)};
  }
};

}  // namespace

void register_export_spots(graph::Registry& registry) { registry.add<ExportSpots>(); }

}  // namespace mito::nodes
