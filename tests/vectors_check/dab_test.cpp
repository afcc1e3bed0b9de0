// PHH3 candidates against the reference vectors: method 4.3.
#include <algorithm>
#include <string>
#include <vector>

#include "engine/core/text.h"
#include "nodes/reference/phh3_candidates/phh3_candidates.h"
#include "tests/vectors_check/harness.h"

namespace mito {
namespace {

using vectors::json;

/// The components of an image as one tile, and the same cut into tiles of `size` px.
json components(vectors::Case& c, double min_area, double max_area, std::int64_t size) {
  const auto& image = c.input("image");
  const auto height = static_cast<std::int64_t>(image.size());
  const auto width = static_cast<std::int64_t>(image.at(0).size());
  const Grid grid{1, 1, 1, width, height};
  const TissueMask everywhere{
      grid, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height), 1)};
  const auto threshold = c.get<double>("threshold");
  phh3_candidates::TileParams find{.matrix = "custom", .keep_above = threshold};
  for (const auto& row : c.input("matrix_rows"))
    for (const auto& v : row) find.rows.push_back(v.get<double>());

  phh3_candidates::Collector collector(
      {.dab_threshold = number_text(threshold), .min_area_um2 = min_area, .max_area_um2 = max_area},
      c.id());
  for (std::int64_t y = 0; y < height; y += size) {
    for (std::int64_t x = 0; x < width; x += size) {
      Tile tile{grid, {x, y, std::min(size, width - x), std::min(size, height - y)}, 0, {}};
      for (auto py = y; py < y + tile.core.height; ++py) {
        for (auto px = x; px < x + tile.core.width; ++px) {
          for (const auto& v :
               image.at(static_cast<std::size_t>(py)).at(static_cast<std::size_t>(px)))
            tile.rgb.push_back(v.get<std::uint8_t>());
        }
      }
      collector.add(phh3_candidates::find(tile, everywhere, find));
    }
  }
  json out = json::array();
  for (const auto& spot : collector.finish(grid).items) {
    const Rect& box = spot.bounds;
    out.push_back({{"area", spot.pixels},
                   {"centroid", {spot.center.x, spot.center.y}},
                   {"bbox", {box.x, box.y, box.x + box.width - 1, box.y + box.height - 1}}});
  }
  return out;
}

TEST(Vectors, DabComponents) {
  vectors::for_each_case("dab_components", [](vectors::Case& c) {
    // Areas are whole pixels and compared exactly.
    const auto centroid = c.tolerance("centroid");
    for (const std::int64_t size : {1000, 16, 7}) {
      c.expect("components", components(c, 0, 1e9, size), centroid);
      c.expect("candidates",
               components(c, c.get<double>("min_area"), c.get<double>("max_area"), size), centroid);
    }
    c.skip("closest_to_threshold");  // says that no pixel lies on the threshold, within rounding
  });
}

}  // namespace
}  // namespace mito
