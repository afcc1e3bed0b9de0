#include "engine/nn/patch_regions.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/core/error.h"
#include "engine/nn/dense.h"

namespace mito::nn {
namespace {

constexpr std::int64_t kBlock = 512;  // px
// A rectangle is read at once up to this many times the pixels its patches need: a slide is stored
// in tiles of 256 px or so, and a patch alone costs one to four of them.
constexpr std::int64_t kWaste = 8;

Rect patch_of(const GridPoint& at, std::int64_t side) {
  return {at.x - side / 2, at.y - side / 2, side, side};
}

Rect around(const Rect& a, const Rect& b) {
  const auto x0 = std::min(a.x, b.x);
  const auto y0 = std::min(a.y, b.y);
  return {x0, y0, std::max(a.x + a.width, b.x + b.width) - x0,
          std::max(a.y + a.height, b.y + b.height) - y0};
}

}  // namespace

std::vector<PatchRegion> patch_regions(std::span<const GridPoint> points, std::int64_t side) {
  std::map<std::pair<std::int64_t, std::int64_t>, PatchRegion> blocks;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Rect patch = patch_of(points[i], side);
    auto& region = blocks[{points[i].y / kBlock, points[i].x / kBlock}];
    region.area = region.points.empty() ? patch : around(region.area, patch);
    region.points.push_back(i);
  }
  std::vector<PatchRegion> out;
  for (auto& [block, region] : blocks) {
    const auto needed = std::ssize(region.points) * side * side;
    if (region.area.width * region.area.height <= kWaste * needed) {
      out.push_back(std::move(region));
      continue;
    }
    for (const auto i : region.points) out.push_back({patch_of(points[i], side), {i}});
  }
  return out;
}

std::vector<float> patch_probabilities(const Network& network,
                                       std::span<const GridPoint> points,
                                       const ReadPixels& read,
                                       const Hooks& hooks) {
  PatchScorer scorer(network);
  std::vector<std::size_t> order;
  for (const auto& region : patch_regions(points, network.patch_px())) {
    if (hooks.stop()) throw Interrupted("stopped while running a network over patches");
    const auto rgb = read(region.area);
    for (const auto i : region.points) {
      scorer.add({region.area, rgb}, points[i].x, points[i].y);
      order.push_back(i);
    }
    hooks.progress(static_cast<double>(order.size()) / static_cast<double>(points.size()));
  }
  const auto in_reading_order = scorer.finish();
  std::vector<float> out(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) out[order[k]] = in_reading_order[k];
  return out;
}

}  // namespace mito::nn
