#include "nodes/exchange/export_midog/export_midog.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito::export_midog {
namespace {

TEST(ExportMidog, WritesMillimetresOfLevel0Pixels) {
  // Half a micron per level-0 pixel in x, 0.25 in y.
  const Grid grid{0.5, 1, 0.25, 100, 100};
  const DetectionSet detections{grid, {{{1000, 4000}, 0.99, 4}}, 0.9, 1};

  const auto json = nlohmann::json::parse(to_json(detections));

  EXPECT_EQ(json["type"], "Multiple points");
  EXPECT_EQ(json["version"]["major"], 1);
  ASSERT_EQ(json["points"].size(), 1U);
  EXPECT_DOUBLE_EQ(json["points"][0]["point"][0], 0.5);
  EXPECT_DOUBLE_EQ(json["points"][0]["point"][1], 1.0);
  EXPECT_EQ(json["points"][0]["point"][2], 0);
  EXPECT_EQ(json["points"][0]["probability"], 0.99);
  EXPECT_EQ(json["points"][0]["name"], "mitotic figure");
}

TEST(ExportMidog, NothingFoundIsAnEmptyList) {
  EXPECT_EQ(nlohmann::json::parse(to_json({{1, 1, 0.25, 10, 10}, {}, 0.9, 0}))["points"],
            nlohmann::json::array());
}

TEST(ExportMidog, RefusesASlideWithoutResolution) {
  EXPECT_THROW(to_json({{1, 1, 0, 10, 10}, {}, 0.9, 0}), DataError);
}

}  // namespace
}  // namespace mito::export_midog
