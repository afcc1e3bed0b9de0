#include "engine/core/atomic_file.h"
#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/outcome/export_probability/probability_image.h"

namespace mito::nodes {
namespace {

constexpr const char* kFile = "probability.tif";

/// probabilities per tile, their slide -> probability.tif in the output folder.
struct ExportProbability {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_probability",
      .version = 2,
      .paper = "-",
      .summary = "Writes the probability map of a slide as a pyramidal 16-bit TIFF.",
      .inputs = {"probability", "slide"},
      .sink = true};

  /// 16 bits for every fourth pixel, which LZW shrinks, and the levels above them.
  static graph::Cost cost(const NoParams& /*params*/, const Slide& slide) {
    constexpr double kShrinks = 0.6;
    constexpr double kLevels = 4.0 / 3;
    const Grid& grid = slide.analysis_grid();
    const double outputs = static_cast<double>(grid.width) * static_cast<double>(grid.height) /
                           (ProbabilityTile::kStride * ProbabilityTile::kStride);
    return {.output_mib = kShrinks * kLevels * outputs * sizeof(std::uint16_t) / (1 << 20)};
  }

  struct Sum {
    AtomicFile file;
    export_probability::ProbabilityImage image;
  };

  static Sum begin(const graph::NodeContext& context, const Slide& slide) {
    const Grid& grid = slide.analysis_grid();
    AtomicFile file(context.out_folder / kFile);
    const auto part = file.part();
    return {std::move(file),
            export_probability::ProbabilityImage(part, grid, slide.info().mpp_x * grid.scale_x,
                                                 slide.info().mpp_y * grid.scale_y)};
  }
  static void add(Sum& sum, const ProbabilityTile& tile) { sum.image.add(tile); }
  static FileArtifact finish(Sum sum) {
    sum.image.finish();
    sum.file.commit();
    return {kFile};
  }
};

}  // namespace

void register_export_probability(graph::Registry& registry) { registry.add<ExportProbability>(); }

}  // namespace mito::nodes
