#include "engine/nn/patch_regions.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/nn/architecture.h"

namespace mito::nn {
namespace {

constexpr std::int64_t kBlock = 512;  // px
// A rectangle is read at once up to this many times the pixels its patches need: a slide is stored
// in tiles of 256 px or so, and a patch alone costs one to four of them.
constexpr std::int64_t kWaste = 8;

Rect patch_of(const GridPoint& at) {
  return {at.x - kObjectOffset, at.y - kObjectOffset, kPatch, kPatch};
}

Rect around(const Rect& a, const Rect& b) {
  const auto x0 = std::min(a.x, b.x);
  const auto y0 = std::min(a.y, b.y);
  return {x0, y0, std::max(a.x + a.width, b.x + b.width) - x0,
          std::max(a.y + a.height, b.y + b.height) - y0};
}

}  // namespace

std::vector<PatchRegion> patch_regions(std::span<const GridPoint> points) {
  std::map<std::pair<std::int64_t, std::int64_t>, PatchRegion> blocks;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Rect patch = patch_of(points[i]);
    auto& region = blocks[{points[i].y / kBlock, points[i].x / kBlock}];
    region.area = region.points.empty() ? patch : around(region.area, patch);
    region.points.push_back(i);
  }
  std::vector<PatchRegion> out;
  for (auto& [block, region] : blocks) {
    const auto needed = std::ssize(region.points) * kPatch * kPatch;
    if (region.area.width * region.area.height <= kWaste * needed) {
      out.push_back(std::move(region));
      continue;
    }
    for (const auto i : region.points) out.push_back({patch_of(points[i]), {i}});
  }
  return out;
}

}  // namespace mito::nn
