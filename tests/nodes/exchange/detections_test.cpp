
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/atomic_file.h"
#include "engine/types/points_csv.h"
#include "nodes/exchange/export_asap/export_asap.h"
#include "nodes/exchange/export_csv/export_csv.h"
#include "nodes/exchange/export_geojson/export_geojson.h"
#include "tests/support/drawn_slide.h"

namespace mito {
namespace {

using ::testing::HasSubstr;

DetectionSet two_detections() {
  DetectionSet set;
  set.items = {{{1234.123456789, 0.1}, 0.98765432101, 12}, {{100000.5, 2e-7}, 0.93, 3}};
  return set;
}

TEST(ExportCsv, ReadsBackExactly) {
  const testing::TempFolder folder;
  write_file(folder / "d.csv", export_csv::to_csv(two_detections(), "slide, with \"comma\""));

  const auto read = read_points(folder / "d.csv");

  ASSERT_EQ(read.points.size(), 2U);
  EXPECT_EQ(read.points[0].slide, "slide, with \"comma\"");
  EXPECT_EQ(read.points[0].at, (PointL0{1234.123456789, 0.1}));
  EXPECT_EQ(read.points[0].score, 0.98765432101);
  EXPECT_EQ(read.points[1].at, (PointL0{100000.5, 2e-7}));
  EXPECT_EQ(read.points[1].label, "mitosis");
  EXPECT_EQ(read.points[1].id, "2");
}

TEST(ExportCsv, NothingFoundIsATableWithoutRows) {
  EXPECT_EQ(export_csv::to_csv({}, "a"), "slide,x,y,score,label,id\n");
}

TEST(ExportGeojson, IsACollectionOfPointDetections) {
  const auto json = nlohmann::json::parse(export_geojson::to_geojson(two_detections(), "abc", {}));

  EXPECT_EQ(json["type"], "FeatureCollection");
  ASSERT_EQ(json["features"].size(), 2U);
  const auto& first = json["features"][0];
  EXPECT_EQ(first["type"], "Feature");
  EXPECT_EQ(first["geometry"]["type"], "Point");
  EXPECT_EQ(first["geometry"]["coordinates"], (std::vector<double>{1234.123456789, 0.1}));
  EXPECT_EQ(first["properties"]["objectType"], "detection");
  EXPECT_EQ(first["properties"]["classification"]["name"], "Mitosis");
  EXPECT_EQ(first["properties"]["measurements"]["probability"], 0.98765432101);
}

TEST(ExportGeojson, CountsFromTheCornerOfWhatWasScanned) {
  const auto json =
      nlohmann::json::parse(export_geojson::to_geojson(two_detections(), "abc", {1000, -0.5}));

  const auto& at = json["features"][0]["geometry"]["coordinates"];
  EXPECT_NEAR(at[0].get<double>(), 234.123456789, 1e-9);
  EXPECT_NEAR(at[1].get<double>(), 0.6, 1e-9);
}

TEST(ExportGeojson, IdsAreUuidsThatDependOnSlideAndPlaceAlone) {
  const auto ids = [](const DetectionSet& set, const char* slide) {
    const auto json = nlohmann::json::parse(export_geojson::to_geojson(set, slide, {}));
    std::vector<std::string> out;
    for (const auto& feature : json["features"]) out.push_back(feature["id"]);
    return out;
  };
  auto one = two_detections();
  one.items.erase(one.items.begin());

  const auto both = ids(two_detections(), "abc");

  EXPECT_THAT(both[0], ::testing::MatchesRegex(
                           "[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(ids(one, "abc")[0], both[1]);
  EXPECT_NE(ids(one, "other")[0], both[1]);
  EXPECT_NE(both[0], both[1]);
}

TEST(ExportGeojson, NothingFoundIsAnEmptyCollection) {
  const auto json = nlohmann::json::parse(export_geojson::to_geojson({}, "abc", {}));

  EXPECT_TRUE(json["features"].is_array());
  EXPECT_TRUE(json["features"].empty());
}

TEST(ExportAsap, HoldsOneDotPerDetectionInOneGroup) {
  const std::string xml = export_asap::to_asap_xml(two_detections());

  EXPECT_THAT(xml, HasSubstr("Name=\"mitosis 1 (0.9877)\" Type=\"Dot\" PartOfGroup=\"mitosis\""));
  EXPECT_THAT(xml, HasSubstr("<Coordinate Order=\"0\" X=\"1234.123456789\" Y=\"0.1\" />"));
  EXPECT_THAT(xml, HasSubstr("<Group Name=\"mitosis\" PartOfGroup=\"None\""));
}

}  // namespace
}  // namespace mito
