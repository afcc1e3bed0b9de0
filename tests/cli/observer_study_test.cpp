// An observer study from the command line: detections of a drawn slide, answers, the result.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/types/points_csv.h"
#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::read_file;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using Json = nlohmann::json;

TEST(ObserverStudy, OfADrawnSlideIsExportedAnsweredAndImported) {
  const test::TempFolder folder;
  const auto base = folder.path().string();
  const auto drawn = mitoloom(fmt::format(
      "run pipelines/slides/draw_slide.yaml --no-store --progress off --out {}/slide --set "
      "drawing.width_px=1536 --set drawing.height_px=1536 --set drawing.mitoses=6 --set "
      "drawing.lookalikes=4",
      base));
  ASSERT_EQ(drawn.code, 0) << drawn.err;
  const auto study = mitoloom(fmt::format(
      "run pipelines/evaluate/observer_study.yaml --progress off --store {0}/store --set "
      "slide={0}/slide/synthetic.svs --set truth={0}/slide/synthetic.csv --out {0}/study",
      base));
  ASSERT_EQ(study.code, 0) << study.err;

  // Somebody who says what the reference says, but for one that it calls false.
  const auto key = CsvTable::read(folder.path() / "study/key.csv");
  std::string answers = "sample,observer,label\n";
  std::int64_t confirmed = 0;
  std::int64_t disputed = 0;
  for (std::size_t row = 0; row < key.rows(); ++row) {
    bool mitotic = key.text(row, key.require("reference")) == "true";
    if (!mitotic && disputed == 0) {
      mitotic = true;
      ++disputed;
    }
    confirmed += mitotic ? 1 : 0;
    answers += fmt::format("{},ann,{}\n", key.text(row, 0), mitotic ? "mitotic" : "non_mitotic");
  }
  std::ofstream(folder.path() / "ann.csv") << answers;
  const auto result = mitoloom(fmt::format(
      "run pipelines/evaluate/observer_result.yaml --preset paper --no-store --progress off --set "
      "key={0}/study/key.csv --set answers={0}/ann.csv --out {0}/result",
      base));
  ASSERT_EQ(result.code, 0) << result.err;

  const Json json = Json::parse(read_file(folder.path() / "result/observer_result.json"));
  EXPECT_EQ(json["samples"], key.rows());
  EXPECT_EQ(json["majority"]["mitotic"], confirmed);
  EXPECT_EQ(json["recall"], 0.494);
  EXPECT_FALSE(json["majority"]["f1"].is_null());
  EXPECT_EQ(json["reference"]["false_but_mitotic"].size(), disputed);
  EXPECT_TRUE(fs::exists(folder.path() / "result/observer_sheet.png"));

  std::ofstream(folder.path() / "empty.csv")
      << read_file(folder.path() / "study/observers/answers.csv");
  const auto refused = mitoloom(
      fmt::format("run pipelines/evaluate/observer_result.yaml --no-store --progress off --set "
                  "key={0}/study/key.csv --set answers={0}/empty.csv --out {0}/refused",
                  base));
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("empty.csv:2:"));
  EXPECT_THAT(refused.err, HasSubstr("is missing"));
  EXPECT_FALSE(fs::exists(folder.path() / "refused/observer_result.json"));
}

}  // namespace
}  // namespace mito
