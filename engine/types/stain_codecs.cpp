// How stain amounts and the pixels of spots look outside the program.
#include <cstddef>

#include "engine/core/error.h"
#include "engine/types/grid_attributes.h"
#include "engine/types/spot_tile.h"
#include "engine/types/stain_tile.h"

namespace mito {

Record Codec<StainTile>::encode(const StainTile& tile) {
  Record record;
  put_grid(record, tile.grid);
  const auto& recipe = tile.recipe;
  auto& a = record.attributes;
  a["halo"] = tile.halo;
  a["matrix"] = recipe.matrix;
  a["convention"] = recipe.convention;
  std::vector<double> rows;
  for (std::size_t i = 0; i < 3; ++i) {
    a["stain_" + std::to_string(i + 1)] = recipe.stains[i];
    rows.insert(rows.end(), recipe.rows[i].begin(), recipe.rows[i].end());
  }
  a["rows"] = rows;
  a["eps"] = recipe.eps;
  a["floor_at_eps"] = std::int64_t{recipe.floor_at_eps ? 1 : 0};
  a["scale"] = recipe.scale;
  a["clip_negative"] = std::int64_t{recipe.clip_negative ? 1 : 0};
  record.arrays["core"] = Array::of(
      std::vector<std::int64_t>{tile.core.x, tile.core.y, tile.core.width, tile.core.height},
      {1, 4});
  const Rect area = tile.area();
  record.arrays["amounts"] = Array::of(tile.amounts, {static_cast<std::uint64_t>(area.height),
                                                      static_cast<std::uint64_t>(area.width), 3});
  return record;
}

StainTile Codec<StainTile>::decode(const Record& record) {
  StainTile tile;
  tile.grid = get_grid(record);
  tile.halo = record.integer("halo");
  auto& recipe = tile.recipe;
  recipe.matrix = record.text("matrix");
  recipe.convention = record.text("convention");
  const auto& rows = record.numbers("rows");
  if (rows.size() != 9) throw DataError("attribute 'rows' needs nine numbers");
  for (std::size_t i = 0; i < 9; ++i) recipe.rows[i / 3][i % 3] = rows[i];
  for (std::size_t i = 0; i < 3; ++i)
    recipe.stains[i] = record.text("stain_" + std::to_string(i + 1));
  recipe.eps = record.number("eps");
  recipe.floor_at_eps = record.integer("floor_at_eps") != 0;
  recipe.scale = record.number("scale");
  recipe.clip_negative = record.integer("clip_negative") != 0;
  const auto core = record.array("core").as<std::int64_t>();
  if (core.size() != 4) throw DataError("dataset 'core' needs four numbers");
  tile.core = {core[0], core[1], core[2], core[3]};
  const auto amounts = record.array("amounts").as<float>();
  const Rect area = tile.area();
  if (amounts.size() != static_cast<std::size_t>(area.width * area.height * 3))
    throw DataError("dataset 'amounts' does not match the tile");
  tile.amounts.assign(amounts.begin(), amounts.end());
  return tile;
}

Record Codec<SpotTile>::encode(const SpotTile& tile) {
  Record record;
  put_grid(record, tile.grid);
  record.attributes["keep_above"] = tile.keep_above;
  record.attributes["first_bin"] = SpotTile::kFirst;
  record.attributes["bin"] = SpotTile::kBin;
  std::vector<std::int64_t> runs;
  runs.reserve(3 * tile.runs.size());
  for (const auto& run : tile.runs) runs.insert(runs.end(), {run.x, run.y, run.length});
  record.arrays["runs"] = Array::of(runs, {tile.runs.size(), 3});
  record.arrays["amounts"] = Array::of(tile.amounts);
  record.arrays["histogram"] =
      Array::of(tile.histogram, {1, static_cast<std::uint64_t>(SpotTile::kBins)});
  return record;
}

SpotTile Codec<SpotTile>::decode(const Record& record) {
  SpotTile tile;
  tile.grid = get_grid(record);
  tile.keep_above = record.number("keep_above");
  const auto runs = record.array("runs").as<std::int64_t>();
  const auto amounts = record.array("amounts").as<float>();
  const auto histogram = record.array("histogram").as<std::int64_t>();
  std::int64_t pixels = 0;
  for (std::size_t i = 0; i + 3 <= runs.size(); i += 3) {
    tile.runs.push_back({runs[i], runs[i + 1], runs[i + 2]});
    pixels += runs[i + 2];
  }
  if (static_cast<std::int64_t>(amounts.size()) != pixels)
    throw DataError("dataset 'amounts' does not match the lengths of 'runs'");
  if (static_cast<std::int64_t>(histogram.size()) != SpotTile::kBins)
    throw DataError("dataset 'histogram' has another number of bins");
  tile.amounts.assign(amounts.begin(), amounts.end());
  tile.histogram.assign(histogram.begin(), histogram.end());
  return tile;
}

}  // namespace mito
