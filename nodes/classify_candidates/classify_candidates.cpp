#include "nodes/classify_candidates/classify_candidates.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"

namespace mito::classify_candidates {
namespace {

constexpr double kMppTolerance = 0.05;  // METHODS 0.2
constexpr std::int64_t kBlock = 512;    // px
// A rectangle is read at once up to this many times the pixels its patches need: a slide is stored
// in tiles of 256 px or so, and a patch alone costs one to four of them.
constexpr std::int64_t kWaste = 8;

struct Pixel {
  std::int64_t x = 0;
  std::int64_t y = 0;
};

Pixel pixel_of(const Grid& analysis, const Spot& spot) {
  const PointL0 at = analysis.from_level0(spot.center);
  return {std::llround(at.x), std::llround(at.y)};
}

Rect patch_of(const Pixel& at) {
  return {at.x - nn::kObjectOffset, at.y - nn::kObjectOffset, nn::kPatch, nn::kPatch};
}

Rect around(const Rect& a, const Rect& b) {
  const auto x0 = std::min(a.x, b.x);
  const auto y0 = std::min(a.y, b.y);
  return {x0, y0, std::max(a.x + a.width, b.x + b.width) - x0,
          std::max(a.y + a.height, b.y + b.height) - y0};
}

}  // namespace

std::vector<Region> regions(const Grid& analysis, const SpotSet& spots) {
  std::map<std::pair<std::int64_t, std::int64_t>, Region> blocks;
  for (std::size_t i = 0; i < spots.items.size(); ++i) {
    const Pixel at = pixel_of(analysis, spots.items[i]);
    if (!analysis.bounds().contains(at.x, at.y))
      throw DataError(fmt::format(
          "candidate {} at ({:.1f}, {:.1f}) lies off the slide: are these the spots of another "
          "slide?",
          i, spots.items[i].center.x, spots.items[i].center.y));
    auto& region = blocks[{at.y / kBlock, at.x / kBlock}];
    region.area = region.spots.empty() ? patch_of(at) : around(region.area, patch_of(at));
    region.spots.push_back(i);
  }
  std::vector<Region> out;
  for (auto& [block, region] : blocks) {
    const auto needed = std::ssize(region.spots) * nn::kPatch * nn::kPatch;
    if (region.area.width * region.area.height <= kWaste * needed) {
      out.push_back(std::move(region));
      continue;
    }
    for (const auto i : region.spots)
      out.push_back({patch_of(pixel_of(analysis, spots.items[i])), {i}});
  }
  return out;
}

std::vector<float> probabilities(const nn::Network& network,
                                 const Grid& analysis,
                                 const Read& read,
                                 const SpotSet& spots,
                                 const Hooks& hooks) {
  nn::PatchScorer scorer(network);
  std::vector<std::size_t> order;
  for (const auto& region : regions(analysis, spots)) {
    if (hooks.stop()) throw Interrupted("stopped while classifying candidates");
    const auto rgb = read(region.area);
    for (const auto i : region.spots) {
      const Pixel at = pixel_of(analysis, spots.items[i]);
      scorer.add({region.area, rgb}, at.x, at.y);
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
