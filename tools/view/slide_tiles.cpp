#include "tools/view/slide_tiles.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "engine/image/encode.h"

namespace mito::view {
namespace {

constexpr int kQuality = 80;

class Held {
 public:
  explicit Held(std::counting_semaphore<>& places) : places_(places) { places_.acquire(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { places_.release(); }

 private:
  std::counting_semaphore<>& places_;
};

}  // namespace

SlideTiles::SlideTiles(Slide slide)
    : slide_(std::move(slide)),
      zoom_(slide_.analysis_grid()),
      at_once_(std::max<std::ptrdiff_t>(1, std::thread::hardware_concurrency())) {}

std::optional<std::string> SlideTiles::tile(int level, std::int64_t x, std::int64_t y) {
  const auto area = zoom_.tile(level, x, y);
  if (!area) return std::nullopt;
  const Place place{level, x, y};
  if (auto jpeg = recall(place)) return jpeg;
  const Held held(at_once_);
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
