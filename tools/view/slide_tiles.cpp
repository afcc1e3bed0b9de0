#include "tools/view/slide_tiles.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "engine/image/encode.h"

namespace mito::view {
namespace {

constexpr int kQuality = 80;

}  // namespace

SlideTiles::SlideTiles(Slide slide)
    : slide_(std::move(slide)),
      zoom_(slide_.analysis_grid()),
      free_(std::max(1U, std::thread::hardware_concurrency())) {}

std::optional<std::string> SlideTiles::tile(int level, std::int64_t x, std::int64_t y) {
  const auto area = zoom_.tile(level, x, y);
  if (!area) return std::nullopt;
  const Place place{level, x, y};
  if (auto jpeg = recall(place)) return jpeg;
  struct Turn {
    SlideTiles& of;
    ~Turn() {
      const std::scoped_lock guard(of.mutex_);
      ++of.free_;
      of.freed_.notify_one();
    }
  };
  {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return free_ > 0; });
    --free_;
  }
  const Turn turn{*this};
  auto jpeg = image::jpeg_of(
      image::view_of(slide_.read(zoom_.grid_of(level), *area), area->width, area->height),
      kQuality);
  remember(place, jpeg);
  return jpeg;
}

std::optional<std::string> SlideTiles::recall(const Place& place) {
  const std::scoped_lock guard(mutex_);
  const auto it = where_.find(place);
  if (it == where_.end()) return std::nullopt;
  recent_.splice(recent_.begin(), recent_, it->second);
  return it->second->second;
}

void SlideTiles::remember(const Place& place, const std::string& jpeg) {
  const std::scoped_lock guard(mutex_);
  if (where_.contains(place)) return;
  recent_.emplace_front(place, jpeg);
  where_[place] = recent_.begin();
  bytes_ += jpeg.size();
  while (bytes_ > kRememberedBytes && recent_.size() > 1) {
    bytes_ -= recent_.back().second.size();
    where_.erase(recent_.back().first);
    recent_.pop_back();
  }
}

}  // namespace mito::view
