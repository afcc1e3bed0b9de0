#include <algorithm>
#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/annotations/read.h"
#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "engine/types/feature_table.h"
#include "engine/types/points_csv.h"
#include "nodes/exchange/export_asap/export_asap.h"
#include "nodes/exchange/export_csv/export_csv.h"
#include "nodes/exchange/export_geojson/export_geojson.h"
#include "tests/support/drawn_slide.h"

namespace mito {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

DetectionSet two_detections() {
  DetectionSet set;
  set.items = {{{1234.123456789, 0.1}, 0.98765432101, 12}, {{100000.5, 2e-7}, 0.93, 3}};
  return set;
}

TEST(ExportCsv, ReadsBackExactly) {
  const test::TempFolder folder;
  write_file(folder / "d.csv",
             export_csv::to_csv({two_detections(), "slide, with \"comma\"", 0.25, 0.5}));

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
  EXPECT_EQ(export_csv::to_csv({{}, "a", 0.25, 0.25}),
            "slide,x,y,score,label,id,x_um,y_um,in_hotspot\n");
}

TEST(ExportCsv, SaysMicrometresAndWhatTheHotspotCounts) {
  DetectionSet set;
  set.grid = {1, 1, 0.25, 8000, 8000};
  set.min_probability = 0.9;
  set.items = {{{400, 400}, 0.99, 1}, {{800, 404}, 0.95, 1}, {{7000, 7000}, 0.98, 1}};
  const Hotspot hotspot{1, 1, {400, 400}, 200, 0.125, 9, 0.97};  // radius of 800 px
  const std::string header = "slide,x,y,score,label,id,x_um,y_um,in_hotspot\n";

  EXPECT_EQ(export_csv::to_csv({set, "a", 0.25, 0.5, &hotspot}),
            header +
                "a,400,400,0.99,mitosis,1,100,200,1\n"
                "a,800,404,0.95,mitosis,2,200,202,0\n"  // in the circle, but too unlikely
                "a,7000,7000,0.98,mitosis,3,1750,3500,0\n");
  EXPECT_THAT(export_csv::to_csv({set, "a", 0.25, 0.5}), HasSubstr(",1,100,200,\na,800"));
}

TEST(ExportCsv, WritesCandidatesWithTheirIntensity) {
  CandidateSet set;
  set.items = {{.center = {12.5, 7}, .grid_x = 12, .grid_y = 7, .intensity = 0.25F}};

  EXPECT_EQ(export_csv::candidates_to_csv(set, "a"), "slide,x,y,intensity\na,12.5,7,0.25\n");
}

TEST(ExportFeatures, LeaveTheFieldEmptyWhereThereIsNoNumber) {
  const FeatureTable table{{{1, 2.5}, {3, 4}}, {"nearest_um", "a,b"}, {0.5, 7, std::nan(""), 8}};

  EXPECT_EQ(to_csv(table), "x,y,nearest_um,\"a,b\"\n1,2.5,0.5,7\n3,4,,8\n");
  EXPECT_EQ(Codec<FeatureTable>::decode(Codec<FeatureTable>::encode(table)).columns, table.columns);
}

TEST(ExportFeatures, RefuseValuesThatDoNotFit) {
  FeatureTable table{{{1, 2.5}}, {"a", "b"}, {1, 2}};
  auto record = Codec<FeatureTable>::encode(table);
  record.arrays["values"] = Array::of(std::vector<double>{1, 2, 3}, {1, 3});

  EXPECT_THROW(Codec<FeatureTable>::decode(record), DataError);
}

using export_geojson::Subject;
using Json = nlohmann::json;

Json geojson(const Subject& subject, const export_geojson::Params& params = {}) {
  return Json::parse(export_geojson::to_geojson(params, subject));
}

/// Mean of the corners of a polygon's outer ring, the first of which is there twice.
PointL0 centre(const Json& feature) {
  const auto& ring = feature["geometry"]["coordinates"][0];
  PointL0 sum;
  for (std::size_t i = 1; i < ring.size(); ++i)
    sum = {sum.x + ring[i][0].get<double>(), sum.y + ring[i][1].get<double>()};
  const auto n = static_cast<double>(ring.size() - 1);
  return {sum.x / n, sum.y / n};
}

double width(const Json& feature) {
  if (feature["geometry"]["type"] == "Point") return 0;
  double low = 1e9;
  double high = -1e9;
  for (const auto& corner : feature["geometry"]["coordinates"][0]) {
    low = std::min(low, corner[0].get<double>());
    high = std::max(high, corner[0].get<double>());
  }
  return high - low;
}

/// The width, in pixels of the screen, of the ink that QuPath puts down (PathObjectPainter of
/// 0.6). Detections of fewer than 3 px at a downsample above 4 are their bounds, filled: of a point
/// nothing. Else their line has a width in pixels of the slide. That of an annotation has one in
/// pixels of the screen. Both widths are 2 by default.
double ink_px(const Json& feature, double downsample) {
  constexpr double kLine = 2;
  const double px = width(feature) / downsample;
  if (feature["properties"]["objectType"] == "annotation") return kLine;
  return downsample > 4 && px < 3 ? px : kLine / downsample;
}

std::size_t seen(const Json& collection, double downsample) {
  return static_cast<std::size_t>(
      std::ranges::count_if(collection["features"],
                            [&](const Json& feature) { return ink_px(feature, downsample) >= 1; }));
}

TEST(ExportGeojson, IsACollectionOfCirclesOf25Um) {
  const auto found = two_detections();
  const auto json = geojson({found, "abc"});

  EXPECT_EQ(json["type"], "FeatureCollection");
  ASSERT_EQ(json["features"].size(), 2U);
  const auto& first = json["features"][0];
  EXPECT_EQ(first["type"], "Feature");
  EXPECT_EQ(first["geometry"]["type"], "Polygon");
  const auto& ring = first["geometry"]["coordinates"][0];
  EXPECT_EQ(ring.front(), ring.back());
  EXPECT_NEAR(width(first), 100, 0.02);  // of 0.25 um; written to a 64th of a pixel
  EXPECT_NEAR(centre(first).x, 1234.123456789, 0.01);
  EXPECT_NEAR(centre(first).y, 0.1, 0.01);
  EXPECT_EQ(first["properties"]["objectType"], "annotation");
  EXPECT_EQ(first["properties"]["classification"]["name"], "Mitosis");
  EXPECT_EQ(first["properties"]["measurements"]["probability"], 0.98765432101);
}

TEST(ExportGeojson, IsSeenInQuPathAtEveryZoomWhichPointsAreNot) {
  DetectionSet many;
  for (int i = 0; i < 50; ++i) many.items.push_back({{300.0 * i, 100}, 0.9, 1});
  std::vector<export_geojson::Marker> markers;
  for (const auto& one : many.items) markers.push_back({one.center, "Mitosis", {200, 0, 0}, {}});

  const auto circles = geojson({many, "abc"});
  const auto points = Json::parse(export_geojson::points_geojson(markers, "abc", {}));

  for (const double downsample : {1, 4, 16, 64}) EXPECT_EQ(seen(circles, downsample), 50U);
  EXPECT_EQ(seen(points, 16), 0U);
  EXPECT_EQ(seen(points, 64), 0U);
}

TEST(ExportGeojson, SaysWhatIsFoundFalseAndMissed) {
  DetectionSet found = two_detections();
  found.items.push_back({{500, 500}, 0.9, 3});
  Subject subject{found, "abc"};
  subject.truth = {{1234.2, 29.9}, {500, 530.1}, {9000, 9000}};  // 30 px are 7.5 um

  const auto json = geojson(subject);

  std::vector<std::string> names;
  std::set<Json> colors;
  for (const auto& feature : json["features"]) {
    names.push_back(feature["properties"]["classification"]["name"]);
    colors.insert(feature["properties"]["classification"]["color"]);
  }
  EXPECT_THAT(names, ElementsAre("Mitosis: found", "Mitosis: false", "Mitosis: false",
                                 "Mitosis: missed", "Mitosis: missed"));
  EXPECT_EQ(colors.size(), 3U);
  EXPECT_NEAR(centre(json["features"][4]).x, 9000, 0.01);
  EXPECT_FALSE(json["features"][4]["properties"].contains("measurements"));
}

TissueMask ring_of_tissue() {
  TissueMask mask;
  mask.grid = {32, 32, 8, 10, 10};
  mask.tissue.assign(100, 1);
  for (const std::size_t row : {4U, 5U, 6U})
    for (const std::size_t column : {4U, 5U, 6U}) mask.tissue[10 * row + column] = 0;
  return mask;
}

TEST(ExportGeojson, HasTheHotspotAndTheTissueLocked) {
  const DetectionSet none;
  Hotspot hotspot{34, 35, {4000, 3000}, 800, 2, 9};
  const TissueMask mask = ring_of_tissue();
  Subject subject{none, "abc"};
  subject.hotspot = &hotspot;
  subject.mask = &mask;

  const auto json = geojson(subject);

  ASSERT_EQ(json["features"].size(), 2U);
  const auto& circle = json["features"][0];
  EXPECT_EQ(circle["properties"]["classification"]["name"], "Hotspot");
  EXPECT_EQ(circle["properties"]["measurements"]["count_max"], 35);
  EXPECT_NEAR(width(circle), 6400, 0.1);
  const auto& tissue = json["features"][1];
  EXPECT_EQ(tissue["properties"]["classification"]["name"], "Tissue");
  EXPECT_EQ(tissue["geometry"]["coordinates"].size(), 2U);  // and a hole
  for (const auto& feature : json["features"]) EXPECT_TRUE(feature["properties"]["isLocked"]);
  EXPECT_EQ(seen(json, 64), 2U);
}

TEST(ExportGeojson, CountsFromTheCornerOfWhatWasScanned) {
  const auto found = two_detections();
  const auto json = geojson({found, "abc", {1000, -0.5}});

  EXPECT_NEAR(centre(json["features"][0]).x, 234.123456789, 0.01);
  EXPECT_NEAR(centre(json["features"][0]).y, 0.6, 0.01);
}

TEST(ExportGeojson, IdsAreUuidsThatDependOnSlideAndPlaceAlone) {
  const auto ids = [](const DetectionSet& set, const char* slide) {
    std::vector<std::string> out;
    const auto json = geojson({set, slide});
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
  const auto json = geojson({{}, "abc"});

  EXPECT_TRUE(json["features"].is_array());
  EXPECT_TRUE(json["features"].empty());
}

TEST(ExportAsap, HoldsOneDotPerDetectionInOneGroup) {
  const std::string xml = export_asap::to_asap_xml({two_detections()});

  EXPECT_THAT(xml, HasSubstr("Name=\"mitosis 1 (0.9877)\" Type=\"Dot\" PartOfGroup=\"mitosis\""));
  EXPECT_THAT(xml, HasSubstr("<Coordinate Order=\"0\" X=\"1234.123456789\" Y=\"0.1\" />"));
  EXPECT_THAT(xml, HasSubstr("<Group Name=\"mitosis\" PartOfGroup=\"None\""));
  EXPECT_THAT(xml, Not(HasSubstr("tissue")));
}

TEST(ExportAsap, HasTheHotspotAndTheTissueAsPolygons) {
  const auto found = two_detections();
  const Hotspot hotspot{34.2, 35, {4000, 3000}, 800, 2, 9};
  const auto mask = ring_of_tissue();
  const test::TempFolder folder;
  const auto bare = export_asap::to_asap_xml({found, &hotspot, &mask});
  write_file(folder / "a.xml", bare);

  // As mitoloom reads files of ASAP.
  annotations::ReadParams params;
  params.other_labels = "keep";
  const auto table = annotations::read({folder / "a.xml"}, params);

  std::vector<std::string> labels;
  for (const auto& item : table.images.at(0).items) labels.push_back(item.label);
  EXPECT_THAT(labels, ElementsAre("mitosis", "mitosis", "hotspot", "tissue", "tissue hole"));
  const auto& circle = table.images[0].items[2];
  EXPECT_EQ(circle.id, "hotspot (34.2, at most 35)");
  EXPECT_NEAR(circle.center.x, 4000, 0.1);
  EXPECT_NEAR(circle.center.y, 3000, 0.1);
  for (const char* group : {"mitosis", "hotspot", "tissue", "tissue hole"})
    EXPECT_THAT(bare, HasSubstr("<Group Name=\"" + std::string(group) + "\""));
}

TEST(ExportAsap, HasNoHotspotWhereNothingIsCounted) {
  const Hotspot hotspot;

  EXPECT_THAT(export_asap::to_asap_xml({{}, &hotspot}), Not(HasSubstr("hotspot")));
}

}  // namespace
}  // namespace mito
