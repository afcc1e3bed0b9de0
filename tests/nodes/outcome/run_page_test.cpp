#include "nodes/outcome/run_page/run_page.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>

#include <sys/wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/random.h"
#include "engine/report/bundle.h"
#include "engine/stats/hotspot.h"
#include "engine/stats/threshold_curves.h"
#include "engine/types/annotation.h"
#include "nodes/outcome/run_page/pictures.h"
#include "nodes/outcome/run_page/probability_overview.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/problem.h"

namespace mito::run_page {
namespace {

namespace fs = std::filesystem;
using test::problem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::ordered_json;

constexpr double kLowest = 0.5;
constexpr double kThreshold = 0.8;

/// What a page holds.
Json data_of(const std::string& page) {
  const std::string open = R"(id="data">)";
  const auto from = page.find(open) + open.size();
  return Json::parse(page.substr(from, page.find("</script>", from) - from));
}

/// A drawn slide with objects at random places, in clusters, so that circles differ.
class RunPage : public ::testing::Test {
 protected:
  explicit RunPage(int objects = 120)
      : slide_(Slide::open(test::draw_slide(folder_.path(), drawing()), {})) {
    mask_.grid = slide_.grid(8);
    mask_.tissue.assign(static_cast<std::size_t>(mask_.grid.width * mask_.grid.height), 1);
    for (std::int64_t y = 0; y < mask_.grid.height; ++y)
      for (std::int64_t x = 0; x < mask_.grid.width / 3; ++x)
        mask_.tissue[static_cast<std::size_t>(y * mask_.grid.width + x)] = 0;
    mask_.ground = mask_.tissue;
    mask_.ground[0] = static_cast<std::uint8_t>(Ground::Pen);
    mask_.area_mm2 = 0.5;
    mask_.threshold = std::numeric_limits<double>::quiet_NaN();
    params_.area_mm2 = 0.01;
    params_.grade1_max_count = 3;
    params_.grade2_max_count = 6;
    params_.replicates = 20;
    objects_.grid = slide_.analysis_grid();
    objects_.min_probability = kLowest;
    RandomStream random(1, "run_page_test", 0);
    for (int i = 0; i < objects; ++i) {
      const double spread = i % 3 == 0 ? 1 : 0.3;
      objects_.items.push_back({{900 * spread * random.uniform(), 700 * spread * random.uniform()},
                                kLowest + (1 - kLowest) * random.uniform(),
                                4});
    }
    std::ranges::sort(objects_.items, std::ranges::greater{}, &Detection::score);
  }

  static synthetic_slide::Params drawing() {
    auto params = test::small_slide();
    params.width_px = 900;
    params.height_px = 700;
    params.name = "<script id=planted>planted=1< b><b>'\"&";
    return params;
  }

  Hotspot hotspot_at(double threshold) const {
    return stats::find_hotspot(counted(params_, at_threshold(objects_, threshold)), &mask_,
                               params_);
  }
  int grade_at(double threshold) const {
    return stats::grade_of_count(hotspot_at(threshold).count_p95, params_.grade1_max_count,
                                 params_.grade2_max_count);
  }
  OutputFiles page() {
    detections_ = at_threshold(objects_, kThreshold);
    hotspot_ = hotspot_at(kThreshold);
    grade_ = {grade_at(kThreshold), hotspot_.count_p95};
    Subject subject{slide_, mask_, detections_, &objects_, hotspot_, grade_};
    subject.truth = truth_;
    subject.seconds = {{"</script><b id=planted>", 1.5}};
    subject.key = "k";
    if (change_) change_(subject);
    return files(params_, subject);
  }
  Json data() { return data_of(page().back().bytes); }

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

  test::TempFolder folder_;
  Slide slide_;
  TissueMask mask_;
  DetectionSet objects_;
  DetectionSet detections_;
  Hotspot hotspot_;
  Grade grade_;
  Params params_;
  fs::path truth_;
  std::function<void(Subject&)> change_;
};

TEST_F(RunPage, HasTheNumbersOfTheRun) {
  const auto all = data();

  EXPECT_EQ(all["result"]["mitoses"], detections_.items.size());
  EXPECT_EQ(all["result"]["count_p95"], hotspot_.count_p95);
  EXPECT_EQ(all["result"]["grade"], grade_.grade);
  EXPECT_EQ(all["result"]["threshold"], kThreshold);
  EXPECT_EQ(all["slide"]["mpp_x"], 0.25);
  EXPECT_EQ(all["lowest"], kLowest);
  EXPECT_EQ(all["objects"].size(), objects_.items.size());
  EXPECT_TRUE(all["truths"].is_null());
  EXPECT_TRUE(all["rule"]["doubt"].is_null());
  EXPECT_TRUE(all["lowest_doubt"].is_null());
  EXPECT_LE(all["result"]["interval"][0], all["result"]["interval"][1]);
}

TEST_F(RunPage, NamesBecomeNoMarkup) {
  const auto text = page().back().bytes;

  EXPECT_THAT(text, Not(HasSubstr("planted=1<")));
  EXPECT_EQ(data_of(text)["slide"]["name"], slide_.info().name);
  EXPECT_THAT(slide_.info().name, HasSubstr("<script id=planted>"));
}

TEST_F(RunPage, TheKeyIsReadAsThatOfAnObserverStudy) {
  truth_ = write("truth.csv", fmt::format("x,y\n{},{}\n", objects_.items[2].center.x,
                                          objects_.items[2].center.y));

  const auto made = page();

  EXPECT_EQ(made[0].name, kKey);
  EXPECT_EQ(made[1].name, kThumbnail);
  EXPECT_EQ(made[1].bytes.substr(0, 2), "\xff\xd8");  // a JPEG
  const auto sheet = LabelSheet::read(write("key.csv", made[0].bytes));
  const auto all = data_of(made.back().bytes);
  ASSERT_EQ(sheet.samples().size(), objects_.items.size());
  for (std::size_t i = 0; i < sheet.samples().size(); ++i) {
    EXPECT_EQ(sheet.samples()[i].sample, all["objects"][i]["sample"]);
    EXPECT_EQ(sheet.samples()[i].slide, slide_.info().name);
    EXPECT_EQ(sheet.samples()[i].center, objects_.items[i].center);
    EXPECT_EQ(sheet.samples()[i].score, objects_.items[i].score);
  }
  EXPECT_EQ(sheet.samples()[0].sample, all["study"].get<std::string>() + "-0001");
}

TEST_F(RunPage, TruthIsFoundWithinReachOnly) {
  params_.match_um = 5;  // 20 px
  const PointL0 at = objects_.items[0].center;
  truth_ = write("truth.csv", fmt::format("x,y,label\n{},{},mitosis\n{},{},mitosis\n1,1,other\n",
                                          at.x + 20, at.y, 5000, 5000));

  const auto all = data();

  ASSERT_EQ(all["truths"].size(), 2U);
  EXPECT_EQ(all["objects"][0]["truths"], Json({0}));
  EXPECT_TRUE(all["truths"][0]["picture"].is_null());   // an object shows it
  EXPECT_FALSE(all["truths"][1]["picture"].is_null());  // nothing else does
}

TEST_F(RunPage, ATruthOfOtherSlidesIsNone) {
  truth_ = write("truth.csv", "slide,x,y\nother,1,1\n");

  EXPECT_TRUE(data()["truths"].is_null());
}

TEST_F(RunPage, OtherParametersThanThoseOfTheRunAreSaid) {
  change_ = [&](Subject&) { hotspot_.count_p95 += 1; };
  EXPECT_THAT(data()["rule"]["doubt"].get<std::string>(), HasSubstr("area_mm2, step_um"));

  change_ = [&](Subject&) { grade_.grade = grade_.grade == 3 ? 1 : 3; };
  EXPECT_THAT(data()["rule"]["doubt"].get<std::string>(), HasSubstr("grade1_max_count"));
}

TEST_F(RunPage, ObjectsOfOtherParametersAreNotShownBelowTheThreshold) {
  change_ = [&](Subject&) { detections_.items.front().center.x += 1; };

  const auto all = data();

  EXPECT_THAT(all["lowest_doubt"].get<std::string>(), HasSubstr("min_distance_um"));
  EXPECT_EQ(all["lowest"], kThreshold);
  EXPECT_EQ(all["objects"].size(), detections_.items.size());
}

TEST_F(RunPage, KeepsToItsSizeAndSaysWhatIsLeftOut) {
  if (report::viewer().empty()) GTEST_SKIP() << "without the viewer there is room for everything";
  params_.max_mb = 1;

  const auto text = page().back().bytes;

  EXPECT_LT(text.size(), 1'150'000U);
  EXPECT_THAT(data_of(text)["left_out"].dump(), HasSubstr("have no close-up"));
}

TEST_F(RunPage, WithoutAnythingFoundIsAPage) {
  objects_.items.clear();

  const auto all = data();

  EXPECT_EQ(all["result"]["mitoses"], 0);
  EXPECT_THAT(all["objects"], IsEmpty());
  EXPECT_FALSE(all["pyramid"]["tiles"].empty());
}

TEST_F(RunPage, StopsWhenAsked) {
  change_ = [](Subject& subject) { subject.stop = [] { return true; }; };

  EXPECT_THROW(page(), Interrupted);
}

TEST(Pyramid, HasTheWholeSlideInTheOverviewAndTheCircleInDetail) {
  test::TempFolder folder;
  auto drawing = test::small_slide();
  drawing.width_px = 2100;
  drawing.height_px = 1500;
  const auto slide = Slide::open(test::draw_slide(folder.path(), drawing), {});
  Budget budget(5e6);
  Pictures pictures(slide, budget, [] { return false; });

  pictures.add_overview(600);  // level 12 is 2100 px wide, level 10 525
  const double reached = pictures.add_circle({300, 300}, 40, 0.5);

  const auto& pyramid = pictures.pyramid();
  EXPECT_EQ(pyramid.max_level, 12);
  EXPECT_EQ(pyramid.min_level, 8);
  for (const char* tile : {"10/0_0", "10/2_1", "9/1_0", "8/0_0"})
    EXPECT_TRUE(pyramid.tiles.contains(tile)) << tile;
  EXPECT_FALSE(pyramid.tiles.contains("10/3_0"));
  EXPECT_EQ(reached, 0.5);
  EXPECT_TRUE(pyramid.tiles.contains("11/0_0"));
  EXPECT_FALSE(pyramid.tiles.contains("11/2_2"));
  EXPECT_FALSE(pyramid.tiles.contains("12/0_0"));
}

TEST(Pyramid, LeavesOutWholeLevelsThatDoNotFit) {
  test::TempFolder folder;
  const auto slide = Slide::open(test::draw_slide(folder.path()), {});
  Budget budget(1);
  Pictures pictures(slide, budget, [] { return false; });

  pictures.add_overview(200);

  EXPECT_EQ(pictures.add_circle({300, 250}, 40, 0.25), 1);  // 600 px / 4
  EXPECT_FALSE(pictures.close_up({300, 250}, 32).has_value());
}

TEST(ProbabilityOverview, KeepsTheHighestAroundEachOfItsValues) {
  const Grid analysis{1, 1, 0.25, 320, 160};
  const Grid coarse{8, 8, 2, 40, 20};  // a value each 8 um, 32 px
  ProbabilityOverview sum(analysis, coarse);
  ProbabilityTile tile{analysis, {0, 0, 160, 160}, std::vector<float>(40 * 40), {}};
  tile.probability[9 * 40 + 8] = 0.7F;    // pixel (32, 36), beside value (1, 1)
  tile.probability[8 * 40 + 8] = 0.9F;    // pixel (32, 32)
  tile.probability[20 * 40 + 39] = 0.4F;  // pixel (156, 80)
  sum.add(tile);
  ProbabilityTile points{analysis, {160, 0, 160, 160}, {}, {{310, 5, 0.6F}}};
  sum.add(points);

  const auto map = std::move(sum).finish();

  ASSERT_EQ(map.columns(), 10);
  ASSERT_EQ(map.rows(), 5);
  EXPECT_EQ(map.probability[1 * 10 + 1], 0.9F);
  EXPECT_EQ(map.probability[0 * 10 + 9], 0.6F);
  EXPECT_EQ(std::ranges::count(map.probability, 0.4F), 1);
  EXPECT_EQ(std::ranges::count(map.probability, 0.0F), 47);
}

/// The page in headless Chromium (use_run_page.py), at 20 thresholds.
class RunPageInABrowser : public RunPage, public ::testing::WithParamInterface<const char*> {};

TEST_P(RunPageInABrowser, CountsFindsAndGradesAsThePipelineDoes) {
  params_.exclude = GetParam();
  params_.min_probability = 0.6;
  truth_ = write("truth.csv", fmt::format("x,y\n{},{}\n5000,5000\n", objects_.items[7].center.x + 9,
                                          objects_.items[7].center.y));
  const auto made = page();
  write(kPage, made.back().bytes);
  Json expected{{"name", slide_.info().name}, {"thresholds", Json::array()}};
  const Grid& grid = objects_.grid;
  for (int i = 0; i < 20; ++i) {
    const double threshold = i == 3    ? kThreshold
                             : i == 7  ? objects_.items[20].score  // one that lies on it
                             : i == 19 ? 1
                                       : kLowest + 0.0251 * i;
    const auto hotspot = hotspot_at(threshold);
    const PointL0 at = grid.from_level0(hotspot.center);
    expected["thresholds"].push_back({{"threshold", threshold},
                                      {"mitoses", at_threshold(objects_, threshold).items.size()},
                                      {"p95", hotspot.count_p95},
                                      {"max", hotspot.count_max},
                                      {"positions", hotspot.positions},
                                      {"grade", grade_at(threshold)},
                                      {"x", at.x},
                                      {"y", at.y}});
  }
  const std::string command =
      fmt::format("{} {}/tests/nodes/outcome/use_run_page.py {} {} {}", MITO_PYTHON,
                  MITO_SOURCE_DIR, (folder_ / kPage).string(),
                  write("expected.json", expected.dump()).string(), (folder_ / "saved").string());
  const int status = std::system(command.c_str());

  if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
    GTEST_SKIP() << "needs Chromium: apt-get install chromium chromium-driver";
  EXPECT_EQ(status, 0);
}

INSTANTIATE_TEST_SUITE_P(Rules, RunPageInABrowser, ::testing::Values("zero", "background", "none"));

}  // namespace
}  // namespace mito::run_page
