#include "nodes/outcome/cascade/cascade.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/nn/dense.h"
#include "engine/stats/proportion.h"
#include "engine/types/rect.h"

namespace mito::cascade {
namespace {

using Json = nlohmann::ordered_json;

// Within this distance detections are matched (method 10.1).
constexpr double kNearUm = 7.5;

Evidence::Measured compared(const DetectionSet& full, const DetectionSet& kept) {
  Evidence::Measured out;
  const auto near = [&](const Detection& a, const Detection& b) {
    return distance_um(full.grid, a.center, b.center) <= kNearUm;
  };
  const auto found_in = [&](const DetectionSet& set, const Detection& one) {
    return std::ranges::any_of(set.items, [&](const Detection& other) { return near(one, other); });
  };
  for (const auto& one : full.items) {
    if (std::ranges::find(kept.items, one) != kept.items.end())
      ++out.same;
    else if (found_in(kept, one))
      ++out.moved;
    else
      ++out.lost;
  }
  for (const auto& one : kept.items) out.added += found_in(full, one) ? 0 : 1;
  return out;
}

std::int64_t below(const std::vector<double>& sorted, double bound) {
  return std::ranges::lower_bound(sorted, bound) - sorted.begin();
}

Json share(std::int64_t count, std::int64_t of) {
  return of == 0 ? Json() : Json(static_cast<double>(count) / static_cast<double>(of));
}

Json interval(std::int64_t count, std::int64_t of) {
  const auto range = stats::wilson_interval95(count, of);
  return range ? Json{range->low, range->high} : Json();
}

Json measured_part(const std::vector<Evidence>& slides) {
  Evidence::Measured sum;
  for (const auto& slide : slides) {
    if (!slide.measured) return {};
    sum.same += slide.measured->same;
    sum.moved += slide.measured->moved;
    sum.lost += slide.measured->lost;
    sum.added += slide.measured->added;
  }
  const auto all = sum.same + sum.moved + sum.lost;
  return {{"detections", all},
          {"same", sum.same},
          {"moved", sum.moved},
          {"lost", sum.lost},
          {"lost_share", share(sum.lost, all)},
          {"lost_interval95", interval(sum.lost, all)},
          {"only_in_cascade", sum.added}};
}

}  // namespace

void Blocks::add(const ProbabilityTile& cheap) {
  if (cheap.probability.empty())
    throw DataError("the map of the cheap network must be dense: cnn_dense in mode 'dense'");
  const Rect& core = cheap.core;
  for (auto y = core.y; y < core.y + core.height; y += nn::kBlockPx)
    for (auto x = core.x; x < core.x + core.width; x += nn::kBlockPx) {
      const Rect block = intersection({x, y, nn::kBlockPx, nn::kBlockPx}, core);
      if (mask_.touches(cheap.grid, block))
        blocks_.push_back({x / nn::kBlockPx, y / nn::kBlockPx,
                           static_cast<double>(nn::highest_in(cheap, block))});
    }
}

Evidence Blocks::evidence(std::string_view slide,
                          const DetectionSet& full,
                          const DetectionSet* kept) const {
  Evidence out{std::string(slide), {}, {}};
  for (const auto& block : blocks_) out.blocks.push_back(block.highest);
  for (const auto& detection : full.items) {
    const auto at = full.grid.from_level0(detection.center);
    const auto column = static_cast<std::int64_t>(std::llround(at.x)) / nn::kBlockPx;
    const auto row = static_cast<std::int64_t>(std::llround(at.y)) / nn::kBlockPx;
    const auto block = std::ranges::find_if(
        blocks_, [&](const Block& b) { return b.column == column && b.row == row; });
    out.detections.push_back(block == blocks_.end() ? 0 : block->highest);
  }
  if (kept != nullptr) out.measured = compared(full, *kept);
  return out;
}

Choice choose(const Params& params, const std::vector<Evidence>& slides) {
  std::vector<double> detections;
  std::vector<double> blocks;
  for (const auto& slide : slides) {
    detections.insert(detections.end(), slide.detections.begin(), slide.detections.end());
    blocks.insert(blocks.end(), slide.blocks.begin(), slide.blocks.end());
  }
  std::ranges::sort(detections);
  std::ranges::sort(blocks);
  Choice out;
  out.detections = std::ssize(detections);
  out.blocks = std::ssize(blocks);
  if (params.bound) {
    out.bound = *params.bound;
  } else {
    if (detections.empty())
      throw DataError(
          "no bound can be chosen: the expensive network detects nothing on these slides");
    const auto may_be_lost =
        static_cast<std::size_t>(params.max_lost * static_cast<double>(detections.size()));
    out.bound = detections[std::min(may_be_lost, detections.size() - 1)];
  }
  out.lost = below(detections, out.bound);
  out.skipped = below(blocks, out.bound);
  return out;
}

std::string report(const Params& params, const std::vector<Evidence>& slides) {
  const auto choice = choose(params, slides);
  Json names = Json::array();
  for (const auto& slide : slides) names.push_back(slide.slide);
  Json out{{"bound", choice.bound},
           {"chosen_here", !params.bound.has_value()},
           {"max_lost", params.bound ? Json() : Json(params.max_lost)},
           {"detections", choice.detections},
           {"in_skipped_blocks", choice.lost},
           {"in_skipped_blocks_share", share(choice.lost, choice.detections)},
           {"in_skipped_blocks_interval95", interval(choice.lost, choice.detections)},
           {"blocks", choice.blocks},
           {"skipped", choice.skipped},
           {"skipped_share", share(choice.skipped, choice.blocks)},
           {"measured", measured_part(slides)},
           {"slides", names}};
  return json_text(out);
}

}  // namespace mito::cascade
