#include "engine/types/spot_tile.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/types/stain_tile.h"

namespace mito {
namespace {

SpotTile small_tile() {
  return {{2, 2, 0.5, 30, 20}, 0.2, {{3, 4, 2}}, {0.4F, 0.5F}, std::vector<std::int64_t>(590)};
}

TEST(SpotTileCodec, AmountsThatDoNotFitTheRunsAreRefused) {
  auto record = Codec<SpotTile>::encode(small_tile());
  record.arrays["amounts"] = Array::of(std::vector<float>{0.4F});

  EXPECT_THROW(Codec<SpotTile>::decode(record), DataError);
}

TEST(SpotTileCodec, AnotherHistogramIsRefused) {
  auto record = Codec<SpotTile>::encode(small_tile());
  record.arrays["histogram"] = Array::of(std::vector<std::int64_t>(10), {1, 10});

  EXPECT_THROW(Codec<SpotTile>::decode(record), DataError);
}

// What parts of one artefact must have in common: engine/core/record.h.
TEST(SpotTileCodec, AnEmptyTileHasTheShapesAndAttributesOfAFullOne) {
  auto empty = small_tile();
  empty.runs.clear();
  empty.amounts.clear();

  const auto a = Codec<SpotTile>::encode(empty);
  const auto b = Codec<SpotTile>::encode(small_tile());

  EXPECT_EQ(a.attributes, b.attributes);
  EXPECT_EQ(a.array("runs").shape, (std::vector<std::uint64_t>{0, 3}));
  EXPECT_EQ(a.array("histogram").shape, b.array("histogram").shape);
  EXPECT_TRUE(Codec<SpotTile>::decode(a).runs.empty());
}

TEST(StainTileCodec, AmountsThatDoNotFitTheTileAreRefused) {
  StainTile tile;
  tile.core = {0, 0, 2, 2};
  tile.amounts.resize(12);
  auto record = Codec<StainTile>::encode(tile);
  record.arrays["amounts"] = Array::of(std::vector<float>(9), {1, 3, 3});

  EXPECT_THROW(Codec<StainTile>::decode(record), DataError);
}

}  // namespace
}  // namespace mito
