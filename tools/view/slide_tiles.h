#pragma once
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

#include "engine/slide/deep_zoom.h"
#include "engine/slide/slide.h"

namespace mito::view {

/// Tiles of a slide as JPEG; the last ones are remembered. tile() may be called from several
/// threads at once; as many as the machine has cores read at a time.
class SlideTiles {
 public:
  static constexpr std::size_t kRememberedBytes = std::size_t{64} << 20;

  explicit SlideTiles(Slide slide);

  const Slide& slide() const { return slide_; }
  const DeepZoom& zoom() const { return zoom_; }

  /// None where the level has no such tile. Throws DataError.
  std::optional<std::string> tile(int level, std::int64_t x, std::int64_t y);

 private:
  using Place = std::tuple<int, std::int64_t, std::int64_t>;
  std::optional<std::string> recall(const Place& place);
  void remember(const Place& place, const std::string& jpeg);

  Slide slide_;
  DeepZoom zoom_;
  std::mutex mutex_;                                 ///< Of what follows.
  std::condition_variable freed_;                    ///< A core has read its tile.
  unsigned free_;                                    ///< Cores that read none.
  std::list<std::pair<Place, std::string>> recent_;  ///< The last one that was asked for first.
  std::map<Place, std::list<std::pair<Place, std::string>>::iterator> where_;
  std::size_t bytes_ = 0;
};

}  // namespace mito::view
