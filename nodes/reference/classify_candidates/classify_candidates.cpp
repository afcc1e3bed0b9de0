#include "nodes/reference/classify_candidates/classify_candidates.h"

#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "engine/nn/patch_regions.h"

namespace mito::classify_candidates {
namespace {

constexpr double kMppTolerance = 0.05;  // method 0.2

std::vector<GridPoint> pixels_of(const Grid& analysis, const SpotSet& spots) {
  std::vector<GridPoint> out;
  for (std::size_t i = 0; i < spots.items.size(); ++i) {
    const PointL0& center = spots.items[i].center;
    const PointL0 at = analysis.from_level0(center);
    const auto x = std::llround(at.x);
    const auto y = std::llround(at.y);
    if (!analysis.bounds().contains(x, y))
      throw DataError(fmt::format(
          "candidate {} at ({:.1f}, {:.1f}) lies off the slide: are these the spots of another "
          "slide?",
          i, center.x, center.y));
    out.push_back({static_cast<std::int32_t>(x), static_cast<std::int32_t>(y)});
  }
  return out;
}

}  // namespace

std::vector<float> probabilities(const nn::Network& network,
                                 const Grid& analysis,
                                 const Read& read,
                                 const SpotSet& spots,
                                 const Hooks& hooks) {
  nn::PatchScorer scorer(network);
  std::vector<std::size_t> order;
  const auto points = pixels_of(analysis, spots);
  for (const auto& region : nn::patch_regions(points)) {
    if (hooks.stop()) throw Interrupted("stopped while classifying candidates");
    const auto rgb = read(region.area);
    for (const auto i : region.points) {
      scorer.add({region.area, rgb}, points[i].x, points[i].y);
      order.push_back(i);
    }
    hooks.progress("classifying candidates",
                   static_cast<double>(order.size()) / static_cast<double>(spots.items.size()));
  }
  const auto in_reading_order = scorer.finish();
  std::vector<float> out(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) out[order[k]] = in_reading_order[k];
  return out;
}

SpotScores classify(const Params& params,
                    const Slide& slide,
                    const SpotSet& spots,
                    const nn::Model& model,
                    nn::Device device,
                    const Hooks& hooks) {
  const Grid& analysis = slide.analysis_grid();
  const double wanted = model.info().mpp;
  if (std::abs(analysis.mpp - wanted) > kMppTolerance * wanted)
    throw DataError(
        fmt::format("{}: the model was trained at {} um/px, but the slide is read at {} um/px",
                    slide.info().path.string(), wanted, analysis.mpp));
  SpotScores out{{}, params.threshold.value_or(model.info().threshold), model.digest()};
  // Without spots the network is not even built.
  if (spots.items.empty()) return out;
  const Read read = [&](const Rect& area) { return slide.read(analysis, area); };
  try {
    out.probability = probabilities(model.network(device), analysis, read, spots, hooks);
  } catch (const DataError& error) {
    const auto path = slide.info().path.string();
    const std::string text = error.what();
    if (text.find(path) != std::string::npos) throw;
    throw DataError(fmt::format("{}: {}", path, text));
  }
  return out;
}

}  // namespace mito::classify_candidates
