#include "engine/types/spot_tile.h"

#include "engine/types/grid_attributes.h"

namespace mito {

void Payload<SpotTile>::describe(Description<SpotTile>& d) {
  d.about("Pixels of one tile of a PHH3 slide that may belong to a spot.");
  d.within(&SpotTile::grid, describe_grid);
  d.attribute("keep_above", &SpotTile::keep_above,
              {"Amount of DAB above which pixels are kept, natural-log OD."});
  d.derived("first_bin", [](const SpotTile&) { return SpotTile::kFirst; },
            {"Amount at which the histogram begins."});
  d.derived("bin", [](const SpotTile&) { return SpotTile::kBin; }, {"Width of a bin."});
  d.rows(&SpotTile::runs, "N")
      .column("runs", [](auto& run) { return std::tie(run.x, run.y, run.length); },
              {"Neighbouring pixels of a row of the grid: x, y of the first, how many.", "px"});
  d.column("amounts", &SpotTile::amounts, "P", {"Amount of DAB of every pixel, run after run."});
  d.check([](const SpotTile& tile) {
    std::int64_t pixels = 0;
    for (const auto& run : tile.runs) pixels += run.length;
    if (std::ssize(tile.amounts) != pixels)
      throw DataError("dataset 'amounts' does not match the lengths of 'runs'");
  });
  d.array(
      "histogram", &SpotTile::histogram,
      [](const SpotTile&) {
        return std::vector<std::uint64_t>{1, static_cast<std::uint64_t>(SpotTile::kBins)};
      },
      "[1, 590]", "dataset 'histogram' has another number of bins",
      {"Amounts of DAB of all tissue in the tile's core; the last bin holds everything above."});
}

template struct DescribedCodec<SpotTile>;

}  // namespace mito
