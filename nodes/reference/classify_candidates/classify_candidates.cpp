#include "nodes/reference/classify_candidates/classify_candidates.h"

#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/nn/patch_regions.h"

namespace mito::classify_candidates {
namespace {

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
  return nn::patch_probabilities(
      network, pixels_of(analysis, spots), read,
      {hooks.stop, [&](double done) { hooks.progress("classifying candidates", done); }});
}

SpotScores classify(const Params& params,
                    const Slide& slide,
                    const SpotSet& spots,
                    const nn::Model& model,
                    nn::Device device,
                    const Hooks& hooks) {
  const Grid& analysis = slide.analysis_grid();
  nn::require_resolution(model, analysis.mpp, slide.info().path.string() + ": ",
                         "the slide is read at");
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
