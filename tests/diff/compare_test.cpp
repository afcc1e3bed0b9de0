#include "tools/diff/compare.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/digest.h"
#include "tests/diff/diff_support.h"
#include "tests/support/problem.h"
#include "tools/diff/diff_report.h"

namespace mito::diff {
namespace {

using test::problem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

std::string read_text(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class CompareRuns : public ::testing::Test {
 protected:
  RunDiff compared(Options options = {}) const {
    options.truth_ports = {{"evaluate_detections", "truth"}};
    return compare(read_run(folder_ / "a"), read_run(folder_ / "b"), options);
  }
  std::string text() const { return to_text(compared(), {}); }
  /// Three true mitoses of slide s.
  std::string truth(const std::string& rows = "s,10,10\ns,100,100\ns,500,500\n") const {
    write_text(folder_ / "truth.csv", "slide,x,y\n" + rows);
    return fmt::format(R"({{"type": "file", "files": ["{}"], "digest": "{}"}})",
                       (folder_ / "truth.csv").string(), sha256_file(folder_ / "truth.csv"));
  }
  test::TempFolder folder_;
};

TEST_F(CompareRuns, OfEqualResultsIsNoDifferenceWhateverTheirSeconds) {
  for (const char* run : {"a", "b"}) {
    write_slide(folder_ / run, "s", "1,2,0.9");
    write_record(folder_ / run, "0.9");
  }
  write_text(folder_.path() / "b" / "result.json", [&] {
    auto json = read_text(folder_.path() / "a" / "result.json");
    return json.replace(json.find("\"objects\": 7"), 12, "\"objects\": 8");
  }());

  EXPECT_TRUE(compared().same());
  EXPECT_EQ(text(), "no difference\n");
}

TEST_F(CompareRuns, ListsParametersMetricsAndDetections) {
  write_slide(folder_ / "a", "s", "1,2,0.9;50,60,0.8", 2);
  write_record(folder_ / "a", "0.8");
  write_slide(folder_ / "b", "s", "1,2,0.9", 1);
  write_record(folder_ / "b", "0.9");

  const auto diff = compared();

  ASSERT_EQ(diff.parameters.size(), 1U);
  EXPECT_EQ(diff.parameters[0].where, "objects");
  EXPECT_EQ(diff.parameters[0].name, "min_probability");
  EXPECT_EQ(diff.parameters[0].b, "0.9");
  ASSERT_EQ(diff.metrics.size(), 1U);
  EXPECT_EQ(diff.metrics[0].name, "grade");
  EXPECT_EQ(diff.metrics[0].difference, -1);
  ASSERT_EQ(diff.slides.size(), 1U);
  EXPECT_THAT(diff.slides[0].counts, ElementsAre(1, 0, 0, 0, 1));
  EXPECT_THAT(diff.other_content, ElementsAre("detections.csv"));
  EXPECT_THAT(text(), HasSubstr("  objects min_probability: 0.8 -> 0.9\n"));
  EXPECT_THAT(text(), HasSubstr("  result.json grade: 2 -> 1  (-1)\n"));
}

TEST_F(CompareRuns, FindsASlideInWhateverFolderItLies) {
  write_slide(folder_ / "a", "s", "1,2,0.9");
  write_slide(folder_.path() / "b" / "s", "s", "1,2,0.9;50,60,0.8");
  write_slide(folder_.path() / "b" / "t", "t", "");

  const auto diff = compared();

  ASSERT_EQ(diff.slides.size(), 1U);
  EXPECT_THAT(diff.slides[0].counts, ElementsAre(1, 0, 0, 1, 0));
  EXPECT_TRUE(diff.only_a.empty());
  EXPECT_THAT(diff.only_b, ElementsAre("t/detections.csv", "t/result.json"));
  EXPECT_THAT(to_text(diff, {}), HasSubstr("note: slide 't' is only in "));
  EXPECT_THAT(to_text(diff, {}), HasSubstr("pipelines and parameters are not compared"));
}

TEST_F(CompareRuns, ListsOtherNodesInputsAndFiles) {
  write_slide(folder_ / "a", "s", "");
  write_slide(folder_ / "b", "s", "");
  write_record(folder_ / "a", "0.9",
               R"({"type": "file", "files": ["/x/m.h5"], "digest": "0123456789abcdef"})");
  write_record(folder_ / "b", "0.9",
               R"({"type": "file", "files": ["/y/m.h5"], "digest": "fedcba9876543210"})");
  auto record = read_text(folder_.path() / "b" / "run.json");
  record.replace(record.find("\"objects\": {\"type\": \"objects\", \"version\": 1"), 43,
                 "\"objects\": {\"type\": \"objects\", \"version\": 2");
  record.replace(record.find("\"evaluation\""), 12, "\"measured\"");
  write_text(folder_.path() / "b" / "run.json", record);
  write_text(folder_.path() / "b" / "overlay.png", "x");

  const std::string told = text();

  EXPECT_THAT(told, HasSubstr("  objects version: 1 -> 2  (+1)\n"));
  EXPECT_THAT(told, HasSubstr("  evaluation node: evaluate_detections -> -\n"));
  EXPECT_THAT(told, HasSubstr("  measured node: - -> evaluate_detections\n"));
  EXPECT_THAT(told, HasSubstr("  $truth content: m.h5 (0123456789ab) -> m.h5 (fedcba987654)\n"));
  EXPECT_THAT(told, HasSubstr("files only in B\n  overlay.png\n"));
}

TEST_F(CompareRuns, TheSecondsOfAPageAreNoDifferenceItsDataAre) {
  const auto page = [&](const char* run, const char* seconds, const char* data) {
    write_text(folder_.path() / run / "run.html",
               fmt::format(R"(<script id="seconds">{}</script><script id="data">{}</script>)",
                           seconds, data));
  };
  for (const char* run : {"a", "b"}) {
    write_slide(folder_ / run, "s", "");
    write_record(folder_ / run, "0.9", truth());
  }
  page("a", R"({"n":1})", "1");

  page("b", R"({"n":23})", "1");
  EXPECT_THAT(text(), Not(HasSubstr("run.html")));

  page("b", R"({"n":1})", "2");
  EXPECT_THAT(text(), HasSubstr("other files that differ\n  run.html\n"));
}

TEST_F(CompareRuns, SaysWhichTrueMitosesOnlyOneFinds) {
  write_slide(folder_ / "a", "s", "10,10,0.9;100,110,0.9");  // 5 um away
  write_slide(folder_ / "b", "s", "12,10,0.9");
  for (const char* run : {"a", "b"}) write_record(folder_ / run, "0.9", truth());

  const auto diff = compared();

  ASSERT_TRUE(diff.slides[0].truth.has_value());
  EXPECT_EQ(diff.slides[0].truth->objects, 3);
  EXPECT_EQ(diff.slides[0].truth->both, 1);
  EXPECT_EQ(diff.slides[0].truth->neither, 1);
  ASSERT_EQ(diff.slides[0].truth->only_one.size(), 1U);
  EXPECT_EQ(diff.slides[0].truth->only_one[0].at, (PointL0{100, 100}));
  EXPECT_TRUE(diff.slides[0].truth->only_one[0].found_by_a);
  EXPECT_THAT(to_text(diff, {}), HasSubstr("only by A: 1 at (100, 100); only by B: 0"));
}

TEST_F(CompareRuns, DoesNotUseATruthThatHasChanged) {
  for (const char* run : {"a", "b"}) {
    write_slide(folder_ / run, "s", "10,10,0.9");
    write_record(folder_ / run, "0.9", truth());
  }
  truth("s,1,1\n");

  EXPECT_FALSE(compared().slides[0].truth.has_value());
  EXPECT_THAT(text(), HasSubstr("truth.csv has changed since; give them with --truth"));
  EXPECT_TRUE(compared({.truth = folder_ / "truth.csv"}).slides[0].truth.has_value());
}

TEST_F(CompareRuns, NeedsTheSizeOfAPixel) {
  for (const char* run : {"a", "b"}) {
    write_text(folder_.path() / run / "manifest.json", "{}");
    write_text(folder_.path() / run / "detections.csv", "slide,x,y,score\ns,1,2,0.9\n");
  }

  EXPECT_THAT(problem([&] { compared(); }),
              HasSubstr("slide 's': neither run says how large its pixels"));
  EXPECT_TRUE(compared({.mpp = 0.25}).same());
}

TEST_F(CompareRuns, WritesTablesAndGeojson) {
  write_slide(folder_ / "a", "s", "0,0,0.9;100,100,0.9;200,200,0.9;300,300,0.9");
  write_slide(folder_ / "b", "s", "0,0,0.9;100,104,0.9;200,200,0.95;400,400,0.9");
  for (const char* run : {"a", "b"}) write_record(folder_ / run, "0.9", truth());

  const auto names = write(compared(), {}, folder_ / "out");

  EXPECT_THAT(names, ElementsAre("diff.json", "diff_detections.csv", "diff_metrics.csv",
                                 "diff_parameters.csv", "diff_s.geojson", "diff_truth.csv"));
  EXPECT_EQ(read_text(folder_.path() / "out" / "diff_detections.csv"),
            "slide,x,y,label,x_a,y_a,score_a,x_b,y_b,score_b,distance_um\n"
            "s,100,104,moved,100,100,0.9,100,104,0.9,2\n"
            "s,200,200,\"changed score\",200,200,0.9,200,200,0.95,0\n"
            "s,300,300,vanished,300,300,0.9,,,,\n"
            "s,400,400,appeared,,,,400,400,0.9,\n");
  const auto geojson = Json::parse(read_text(folder_.path() / "out" / "diff_s.geojson"));
  ASSERT_EQ(geojson["features"].size(), 4U);
  std::vector<std::string> classes;
  std::vector<Json> colours;
  for (const auto& feature : geojson["features"]) {
    const auto& classification = feature["properties"]["classification"];
    classes.push_back(classification["name"]);
    colours.push_back(classification["color"]);
  }
  EXPECT_THAT(classes, ElementsAre("moved", "changed score", "vanished", "appeared"));
  std::ranges::sort(colours);
  EXPECT_EQ(std::unique(colours.begin(), colours.end()), colours.end());
  EXPECT_EQ(geojson["features"][0]["geometry"]["coordinates"], Json({100.0, 104.0}));
  const auto json = Json::parse(read_text(folder_.path() / "out" / "diff.json"));
  EXPECT_FALSE(json["same"].get<bool>());
  EXPECT_EQ(json["slides"][0]["counts"]["moved"], 1);
}

TEST_F(CompareRuns, LongListsAreCutForPeople) {
  write_slide(folder_ / "a", "s", "");
  write_slide(folder_ / "b", "s", "");
  write_text(folder_.path() / "a" / "more.json", "[1,2,3]");
  write_text(folder_.path() / "b" / "more.json", "[2,3,4]");

  const auto told = to_text(compared(), {}, 2);

  EXPECT_THAT(told,
              HasSubstr("  more.json [1]: 2 -> 3  (+1)\n  ... and 1 more; --out writes all\n"));
  EXPECT_THAT(told, Not(HasSubstr("[2]")));
}

}  // namespace
}  // namespace mito::diff
