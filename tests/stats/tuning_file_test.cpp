#include "engine/stats/tuning_file.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/types/seen_images.h"
#include "tests/support/temp_folder.h"

namespace mito::stats {
namespace {

using ::testing::HasSubstr;

Tuning example() {
  Tuning t;
  t.measure = "spearman";
  t.rule = "hotspot";
  t.min_probability = 0.97;
  t.value = 0.625;
  t.has_grades = true;
  t.grade1_max_count = 6;
  t.grade2_max_count = 20;
  t.kappa = 0.5;
  t.cases = {"a", "b"};
  t.images = seen_files(
      {{std::string(64, 'b'), 20, "slide b", "b"}, {std::string(64, 'a'), 10, "slide a", "a"}}, "");
  t.warnings = {"a plateau"};
  t.delta_curve = {{"threshold", "spearman"}, {0.9, NAN, 0.97, 0.625}};
  return t;
}

class TuningFile : public ::testing::Test {
 protected:
  Tuning read(const std::string& text) {
    std::ofstream(file_, std::ios::binary) << text;
    return read_tuning(file_);
  }
  std::string error_of(const std::string& text) {
    try {
      read(text);
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  }
  /// The example with `from` replaced.
  static std::string changed(const std::string& from, const std::string& to) {
    std::string text = tuning_json(example());
    return text.replace(text.find(from), from.size(), to);
  }

  test::TempFolder folder_;
  std::filesystem::path file_ = folder_ / "tuning.json";
};

TEST_F(TuningFile, KeepsThresholdsAndCases) {
  const auto back = read(tuning_json(example()));

  EXPECT_EQ(back.min_probability, 0.97);
  EXPECT_EQ(back.grade2_max_count, 20);
  EXPECT_EQ(back.cases, example().cases);
  EXPECT_EQ(back.images, example().images);
  EXPECT_EQ(back.images.files.at(0).name, "slide a");
  EXPECT_EQ(back.images.listed_in, file_.string());
  EXPECT_EQ(back.warnings, example().warnings);
  EXPECT_TRUE(back.has_grades);
}

TEST_F(TuningFile, SaysWhatIsWrong) {
  EXPECT_THAT(error_of("{"), HasSubstr("tuning.json: not JSON"));
  EXPECT_THAT(error_of("[]"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(error_of("{}"), HasSubstr("'what' is missing"));
  EXPECT_THAT(error_of(changed("0.97", "97")),
              HasSubstr("'min_probability': expected a number from 0 to 1, found 97"));
  EXPECT_THAT(error_of(changed("count\": 20", "count\": 3")),
              HasSubstr("'grade2_max_count': expected a number from 7"));
  for (const auto& [from, to] : {std::pair("aaaa", "aaA"),
                                 {"\"bytes\": 10", "\"bytes\": -1"},
                                 {"\"name\": \"slide a\"", "\"title\": 1"}})
    EXPECT_THAT(error_of(changed(from, to)),
                HasSubstr("'images': expected a list of objects with sha256 (64 hex digits), "
                          "bytes, case and name, found {"));
  EXPECT_THAT(error_of(changed("\"a\",", "1,")), HasSubstr("'cases': expected a list of texts"));
}

TEST_F(TuningFile, IsRefusedWhenItIsNotWhatItWas) {
  EXPECT_THAT(error_of(changed("0.97", "0.91")),
              HasSubstr("tuning.json: its content is not what it was when it was written"));
}

TEST_F(TuningFile, OfATimeBeforeImagesSaysSo) {
  auto text = tuning_json(example());
  const auto first = text.find("\"images\": [");
  text.erase(first, text.find("\"warnings\"") - first);
  const auto seal = text.find(",\n  \"content_digest\"");  // those had none, either
  text.erase(seal, text.find("\n}") - seal);

  const auto back = read(text);

  EXPECT_EQ(back.cases, example().cases);
  EXPECT_TRUE(back.images.files.empty());
  EXPECT_EQ(back.images.not_known, "the thresholds were written down before images were recorded");
}

TEST(Tuning, StoredBeforeImagesWereRecordedIsStillRead) {
  auto record = Codec<Tuning>::encode(example());
  std::erase_if(record.arrays, [](const auto& a) { return a.first.starts_with("images"); });
  record.attributes.erase("images_not_known");

  const auto back = Codec<Tuning>::decode(record);

  EXPECT_EQ(back.cases, example().cases);
  EXPECT_EQ(back.images.not_known, kTuningWithoutImages);
}

TEST(Tuning, SurvivesTheStore) {
  const auto back = Codec<Tuning>::decode(Codec<Tuning>::encode(example()));

  EXPECT_EQ(tuning_json(back), tuning_json(example()));
  EXPECT_EQ(back.delta_curve.to_csv(), "threshold,spearman\n0.9,\n0.97,0.625\n");
  EXPECT_TRUE(back.grade_curve.columns.empty());
}

TEST_F(TuningFile, RefusesWhatIsNestedDeeperThanAnyTuning) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(error_of(changed("\"note\"", "\"more\": " + deep + ", \"note\"")),
              HasSubstr("tuning.json: nested deeper than 100 levels"));
}

}  // namespace
}  // namespace mito::stats
