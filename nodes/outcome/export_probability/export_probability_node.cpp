#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
      .version = 1,
      .paper = "-",
      .summary = "Writes the probability map of a slide as a pyramidal 16-bit TIFF.",
      .sink = true};
  using Params = NoParams;
  static constexpr std::array<std::string_view, 2> kInputs{"probability", "slide"};
  static constexpr std::string_view kOutput = "file";

  struct Sum {
    std::filesystem::path target;
    AtomicFile file;
    export_probability::ProbabilityImage image;
  };

  static Sum begin(const Params& /*params*/,
                   const graph::NodeContext& context,
                   std::uint32_t /*size*/,
                   const Slide& slide) {
    const Grid& grid = slide.analysis_grid();
    const auto target = context.out_folder / kFile;
    AtomicFile file(target);
    const auto part = file.part();
    return {target, std::move(file),
            export_probability::ProbabilityImage(part, grid, slide.info().mpp_x * grid.scale_x,
                                                 slide.info().mpp_y * grid.scale_y)};
  }
  static void add(Sum& sum, std::uint32_t /*index*/, const ProbabilityTile& tile) {
    sum.image.add(tile);
  }
  static FileArtifact finish(Sum sum) {
    sum.image.finish();
    sum.file.commit();
    return {kFile, sha256_file(sum.target)};
  }
};

}  // namespace

void register_export_probability(graph::Registry& registry) { registry.add<ExportProbability>(); }

}  // namespace mito::nodes
