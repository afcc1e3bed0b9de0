#pragma once
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/store/stored_parts.h"
#include "engine/types/geometry.h"

namespace mito::view {

/// The map of probabilities of a slide that is being made, as far as it is stored. All members may
/// be called from several threads at once.
class LiveMap {
 public:
  /// A tile of the map and where it lies on the analysis grid.
  struct Tile {
    std::uint32_t part = 0;
    Rect area;
  };

  /// `name` and `grid`: of the slide. `since`: when its run began, in seconds since 1970; older
  /// maps are not of this run.
  LiveMap(std::filesystem::path store, std::string name, Grid grid, std::int64_t since);

  /// The tiles that are stored, in the order in which they were seen, from the `after`th on. Looks
  /// into the store, and draws what is new: the run may let the map go at any time.
  std::vector<Tile> tiles(std::size_t after);

  /// One of tiles() as PNG, four outputs to a pixel (the highest). None when there is no such tile.
  std::optional<std::string> png(std::uint32_t part);

 private:
  void find_map();

  std::filesystem::path store_;
  std::string name_;
  Grid grid_;
  std::int64_t since_;
  std::mutex mutex_;  ///< Of what follows.
  std::optional<store::StoredParts> parts_;
  std::vector<Tile> tiles_;
  std::map<std::uint32_t, std::string> pictures_;  ///< PNG by part.
};

}  // namespace mito::view
