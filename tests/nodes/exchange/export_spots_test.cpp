#include "nodes/exchange/export_spots/export_spots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito::export_spots {
namespace {

using Json = nlohmann::json;

SpotSet two_spots() {
  return {{2, 2, 0.5, 300, 200},
          0.3,
          {{{12.5, 40}, 60, 15, {5, 18, 9, 8}, 0.71}, {{80, 41.25}, 40, 10, {38, 20, 5, 8}, 0.5}}};
}

TEST(ExportSpots, WritesATableOfPoints) {
  EXPECT_EQ(to_csv(two_spots(), nullptr, "S 1"),
            "slide,x,y,score,label,id,area_um2,mean_dab\n"
            "\"S 1\",12.5,40,,candidate,1,15,0.71\n"
            "\"S 1\",80,41.25,,candidate,2,10,0.5\n");
}

TEST(ExportSpots, ScoresDecideTheLabels) {
  const SpotScores scores{{0.5F, 0.25F}, 0.5, "digest"};

  const auto text = to_csv(two_spots(), &scores, "S");

  EXPECT_THAT(text, ::testing::HasSubstr("S,12.5,40,0.5,positive,1,"));
  EXPECT_THAT(text, ::testing::HasSubstr("S,80,41.25,0.25,negative,2,"));
}

TEST(ExportSpots, NoSpotsAreAHeader) {
  EXPECT_EQ(to_csv({}, nullptr, "S"), "slide,x,y,score,label,id,area_um2,mean_dab\n");
}

TEST(ExportSpots, WritesPointsForQuPath) {
  const SpotScores scores{{0.5F, 0.25F}, 0.5, "digest"};

  const auto plain = Json::parse(to_geojson(two_spots(), nullptr, "id", {}));
  const auto scored = Json::parse(to_geojson(two_spots(), &scores, "id", {}));

  ASSERT_EQ(plain["features"].size(), 2U);
  const auto& first = plain["features"][0];
  EXPECT_EQ(first["geometry"]["coordinates"], Json({12.5, 40.0}));
  EXPECT_EQ(first["properties"]["measurements"], (Json{{"area_um2", 15.0}, {"mean_dab", 0.71}}));
  EXPECT_EQ(first["properties"]["classification"]["name"], "Candidate");
  EXPECT_EQ(first["id"].get<std::string>().size(), 36U);
  EXPECT_NE(first["id"], plain["features"][1]["id"]);
  EXPECT_EQ(scored["features"][0]["properties"]["classification"]["name"], "Positive");
  EXPECT_EQ(scored["features"][1]["properties"]["classification"]["name"], "Negative");
  EXPECT_EQ(scored["features"][1]["properties"]["measurements"]["probability"], 0.25);
}

TEST(ExportSpots, PointsForQuPathCountFromTheCornerOfWhatWasScanned) {
  const auto json = Json::parse(to_geojson(two_spots(), nullptr, "id", {2.5, 30}));

  EXPECT_EQ(json["features"][0]["geometry"]["coordinates"], Json({10.0, 10.0}));
}

TEST(ExportSpots, ScoresOfOtherSpotsAreRefused) {
  const SpotScores scores{{0.5F}, 0.5, "digest"};

  EXPECT_THROW(to_csv(two_spots(), &scores, "S"), DataError);
  EXPECT_THROW(to_geojson(two_spots(), &scores, "S", {}), DataError);
}

}  // namespace
}  // namespace mito::export_spots
