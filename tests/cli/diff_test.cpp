// `mitoloom run` leaves a record of the run, and `mitoloom diff` compares two of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::read_file;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;
using Json = nlohmann::json;

class Diff : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    const auto drawn = mitoloom(fmt::format(
        "run pipelines/slides/draw_slide.yaml --no-store --progress off --out {}/slide --set "
        "drawing.width_px=1536 --set drawing.height_px=1536 --set drawing.mitoses=6 --set "
        "drawing.lookalikes=4",
        base()));
    ASSERT_EQ(drawn.code, 0) << drawn.err;
    for (const char* run : {"a", "again"}) ASSERT_EQ(detect(run, "").code, 0);
    ASSERT_EQ(detect("b", "--set objects.min_probability=0.99").code, 0);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static std::string base() { return folder_->path().string(); }
  static test::Outcome detect(const std::string& out, const std::string& more) {
    return mitoloom(fmt::format(
        "run pipelines/detect/detect.yaml --progress off --store {0}/store --set "
        "slide={0}/slide/synthetic.svs --set truth={0}/slide/synthetic.csv --out {0}/{1} {2}",
        base(), out, more));
  }
  static test::Outcome diff(const std::string& a,
                            const std::string& b,
                            const std::string& more = "") {
    return mitoloom(fmt::format("diff {0}/{1} {0}/{2} {3}", base(), a, b, more));
  }
  static inline test::TempFolder* folder_ = nullptr;
};

TEST_F(Diff, ARunLeavesARecordOfWhatItRan) {
  const Json record = Json::parse(read_file(folder_->path() / "b/run.json"));

  EXPECT_EQ(record["pipeline"], "detect.yaml");
  EXPECT_EQ(record["nodes"]["objects"]["type"], "objects");
  EXPECT_EQ(record["nodes"]["objects"]["parameters"]["min_probability"], "0.99");
  EXPECT_EQ(record["nodes"]["objects"]["parameters"]["min_distance_um"], "25") << "a default";
  EXPECT_EQ(record["nodes"]["objects"]["inputs"]["probability"], "dense.probability");
  const auto truth = folder_->path() / "slide/synthetic.csv";
  EXPECT_EQ(record["inputs"]["truth"]["files"], Json({truth.string()}));
  EXPECT_EQ(record["inputs"]["truth"]["digest"], sha256_file(truth));
  EXPECT_EQ(record["inputs"]["model"]["digest"],
            sha256_file(fs::path(MITO_SOURCE_DIR) / "data/models/he_detector.h5"));
  EXPECT_EQ(record["inputs"]["slide"]["digest"].get<std::string>().size(), 64U);
}

TEST_F(Diff, OfARunRepeatedIsNone) {
  const auto result = diff("a", "again");

  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "no difference\n");
}

TEST_F(Diff, OfAnotherThresholdNamesItAndWhatItCosts) {
  const auto result = diff("a", "b");

  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("parameters\n  objects min_probability: null -> 0.99\n"));
  EXPECT_THAT(result.out, HasSubstr("  result.json min_probability: 0.85 -> 0.99  (+0.14)\n"));
  EXPECT_THAT(result.out, HasSubstr("true mitoses\n  synthetic: 6 true, "));
  EXPECT_THAT(result.out, Not(HasSubstr("seconds")));
}

TEST_F(Diff, AgreesWithTheDetectionsOfBothRuns) {
  const auto result = diff("a", "b", fmt::format("--json --out {}/diff", base()));
  ASSERT_EQ(result.code, 0) << result.err;

  const Json json = Json::parse(result.out);

  const auto rows = [&](const char* run) {
    const auto text = read_file(folder_->path() / run / "detections.csv");
    return std::ranges::count(text, '\n') - 1;
  };
  const auto& counts = json["slides"][0]["counts"];
  EXPECT_EQ(counts["kept"], rows("b"));
  EXPECT_EQ(counts["vanished"], rows("a") - rows("b"));
  EXPECT_GT(counts["vanished"], 0);
  EXPECT_EQ(result.out, read_file(folder_->path() / "diff/diff.json"));
  EXPECT_EQ(
      Json::parse(read_file(folder_->path() / "diff/diff_synthetic.geojson"))["features"].size(),
      counts["vanished"]);
}

TEST_F(Diff, ABadFolderIsAFailureWithTheNearest) {
  const auto result = diff("agin", "b");

  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("agin: there is no such folder; did you mean '"));
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 1);
}

TEST_F(Diff, ARunThatFailsLeavesNoRecordOfAnEarlierOne) {
  ASSERT_EQ(detect("failing", "").code, 0);
  ASSERT_TRUE(fs::exists(folder_->path() / "failing/run.json"));

  std::ofstream(folder_->path() / "damaged.csv") << "slide,x,y\nsynthetic,1,b\n";
  const auto failed =
      mitoloom(fmt::format("run pipelines/detect/detect.yaml --progress off --no-store --set "
                           "slide={0}/slide/synthetic.svs "
                           "--set truth={0}/damaged.csv --out {0}/failing",
                           base()));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.err, HasSubstr("damaged.csv:2:13: column 'y': expected a number"));

  EXPECT_FALSE(fs::exists(folder_->path() / "failing/run.json"));
}

}  // namespace
}  // namespace mito
