#include <algorithm>
#include <utility>

#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "engine/slide/slide.h"
#include "nodes/outcome/run_page/probability_overview.h"
#include "nodes/outcome/run_page/run_page.h"

namespace mito::nodes {
namespace {

/// probabilities of the tiles -> one coarse tile of the whole slide.
struct ProbabilityOverviewNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "probability_overview",
      .version = 1,
      .paper = "-",
      .summary = "Makes one coarse map of the probabilities of a slide, to be shown on a page.",
      .inputs = {"probability", "slide"},
      .output = "overview"};

  static run_page::ProbabilityOverview begin(const run_page::OverviewParams& params,
                                             const Slide& slide) {
    return {slide.analysis_grid(),
            slide.grid(params.spacing_um / static_cast<double>(ProbabilityTile::kStride))};
  }
  static void add(run_page::ProbabilityOverview& sum, const ProbabilityTile& tile) {
    sum.add(tile);
  }
  static ProbabilityTile finish(run_page::ProbabilityOverview sum) {
    return std::move(sum).finish();
  }
};

/// everything found on a slide [, objects from a lower threshold on, the network, probabilities,
/// true mitoses, how often a score is right] -> run_key.csv, thumbnail.jpg and run.html in the
/// output folder.
struct RunPageNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "run_page",
      .version = 2,
      .paper = "-",
      .summary = "Writes a page that shows the slide with its mitoses, hotspot and grade.",
      .inputs = {"slide", "mask", "detections", "objects", "hotspot", "grade", "model",
                 "probability", "truth", "calibration"},
      .sink = true};

  static std::string check(const run_page::Params& params) {
    if (params.grade1_max_count < params.grade2_max_count) return "";
    return "grade1_max_count must be less than grade2_max_count";
  }
  /// The page's own text and its pictures: 1.5 MB on a drawn field of 4 megapixels, 4.2 MB on a
  /// real one of 30, 10 MB on a drawn slide of 600.
  static graph::Cost cost(const run_page::Params& params, const Slide& slide) {
    constexpr double kText = 0.5e6;
    constexpr double kBytesPerPx = 0.2;
    constexpr double kMib = 1 << 20;
    const Grid& grid = slide.analysis_grid();
    const double pixels = static_cast<double>(grid.width) * static_cast<double>(grid.height);
    const double bytes = std::min(kText + kBytesPerPx * pixels, params.max_mb * 1e6);
    return {.output_mib = bytes / kMib};
  }
  static OutputFiles run(const run_page::Params& params,
                         const graph::NodeContext& context,
                         const Slide& slide,
                         const TissueMask& mask,
                         const DetectionSet& detections,
                         const DetectionSet* objects,
                         const Hotspot& hotspot,
                         const Grade& grade,
                         const nn::Model* model,
                         const ProbabilityTile* probability,
                         const File* truth,
                         const File* calibration) {
    run_page::Subject subject{slide, mask, detections, objects, hotspot, grade, model, probability};
    if (truth != nullptr) subject.truth = truth->path;
    if (calibration != nullptr) subject.calibration = study::ScoreCalibration(calibration->path);
    subject.seconds = context.seconds();
    subject.key = context.key;
    subject.stop = context.stop;
    return run_page::files(params, subject);
  }
};

}  // namespace

void register_run_page(graph::Registry& registry) {
  registry.add<ProbabilityOverviewNode>();
  registry.add<RunPageNode>();
}

}  // namespace mito::nodes
