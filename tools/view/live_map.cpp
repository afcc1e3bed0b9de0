#include "tools/view/live_map.h"

#include <algorithm>
#include <utility>

#include "engine/core/error.h"
#include "engine/image/encode.h"
#include "engine/store/maintenance.h"
#include "engine/types/pathology.h"

namespace mito::view {
namespace {

constexpr std::int64_t kOutputs = 4;  ///< Along a side of what becomes a pixel.

std::string picture(const ProbabilityTile& tile) {
  const auto columns = (tile.columns() + kOutputs - 1) / kOutputs;
  const auto rows = (tile.rows() + kOutputs - 1) / kOutputs;
  std::vector<float> highest(static_cast<std::size_t>(columns * rows));
  for (std::size_t i = 0; i < tile.probability.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const auto row = at / tile.columns() / kOutputs;
    const auto column = at % tile.columns() / kOutputs;
    auto& value = highest[static_cast<std::size_t>(row * columns + column)];
    value = std::max(value, tile.probability[i]);
  }
  return image::probability_png(highest, columns, rows);
}

}  // namespace

LiveMap::LiveMap(std::filesystem::path store, std::string name, Grid grid, std::int64_t since)
    : store_(std::move(store)), name_(std::move(name)), grid_(grid), since_(since) {}

void LiveMap::find_map() {
  std::optional<store::Entry> newest;
  for (const auto& entry : store::list(store_)) {
    if (entry.info.payload != Payload<ProbabilityTile>::kDesc.name || !entry.info.per_part ||
        entry.info.item != name_ || entry.last_used < since_)
      continue;
    if (!newest || entry.last_used > newest->last_used) newest = entry;
  }
  if (newest) parts_.emplace(*newest);
}

std::vector<LiveMap::Tile> LiveMap::tiles(std::size_t after) {
  const std::scoped_lock guard(mutex_);
  if (!parts_) find_map();
  if (parts_) {
    for (const auto part : parts_->news()) {
      try {
        const auto tile = Codec<ProbabilityTile>::decode(parts_->load(part));
        if (tile.grid != grid_ || tile.probability.empty()) continue;
        pictures_[part] = picture(tile);
        tiles_.push_back({part, tile.core});
      } catch (const DataError&) {
        continue;  // gone with its segment: it was computed again, or the store was cleared
      }
    }
  }
  return {tiles_.begin() + static_cast<std::ptrdiff_t>(std::min(after, tiles_.size())),
          tiles_.end()};
}

std::optional<std::string> LiveMap::png(std::uint32_t part) {
  const std::scoped_lock guard(mutex_);
  const auto found = pictures_.find(part);
  return found == pictures_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace mito::view
