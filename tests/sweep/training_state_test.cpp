#include "tools/sweep/training_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "tests/sweep/sweep_support.h"

namespace mito::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The runs of a sweep, as far as their trainings are concerned.
class Trainings : public ::testing::Test {
 protected:
  /// A run that wrote cnn4.h5 with this digest.
  void add_run(const std::string& digest) {
    folders_.push_back(folder_ / fmt::format("run{}", folders_.size()));
    records_.emplace_back();
    if (!digest.empty()) records_.back().files.push_back({"cnn4.h5", 1, digest});
  }
  void add_file(const std::string& path, const std::string& text) {
    write(folders_.back() / path, text);
    records_.back().files.push_back({path, text.size(), ""});
  }
  /// Networks with these F1 on 1000 validation patches, 500 of them mitoses: calling all of them
  /// mitoses has 0.667.
  void add_log(const std::vector<std::string>& f1) {
    std::string members;
    for (const auto& one : f1)
      members += fmt::format(R"({}{{"best": {{"f1": {}}}}})", members.empty() ? "" : ", ", one);
    add_file("cnn4/ensemble.json",
             fmt::format(R"({{"validation": {{"patches": 1000, "positives": 500}},
                             "members": [{}]}})",
                         members));
  }
  std::vector<TrainingState> states() {
    std::vector<const RunRecord*> records;
    for (const auto& record : records_) records.push_back(&record);
    return training_states(records, folders_);
  }

  test::TempFolder folder_;
  std::vector<std::filesystem::path> folders_;
  std::vector<RunRecord> records_;
};

TEST_F(Trainings, ANetworkThatIsNoBetterThanARandomOrderHasCollapsed) {
  add_run("aa");
  add_log({"0.6666667", "0.9", "null"});
  add_run("bb");
  add_log({"0.75"});

  const auto found = states();

  EXPECT_THAT(found[0].collapsed,
              ElementsAre(HasSubstr("network cnn4 (1 of 3) collapsed: F1 0.667 on its validation"),
                          HasSubstr("network cnn4 (3 of 3) collapsed: F1 not a number")));
  EXPECT_THAT(found[1].collapsed, IsEmpty());
  EXPECT_THAT(found[1].unjudged, IsEmpty());
}

TEST_F(Trainings, ANetworkFromTheStoreIsJudgedByTheLogOfTheRunThatTrainedIt) {
  add_run("aa");
  add_run("aa");
  add_log({"0.6"});
  add_run("cc");

  const auto found = states();

  EXPECT_EQ(found[0].collapsed, found[1].collapsed);
  EXPECT_EQ(found[0].collapsed.size(), 1U);
  EXPECT_THAT(found[2].collapsed, IsEmpty());
  EXPECT_THAT(found[2].unjudged, ElementsAre("cnn4.h5"));
}

TEST_F(Trainings, AThresholdAtAnEndOfItsGridIsDoubtful) {
  add_run("");
  add_file(
      "own/tuning.json",
      R"({"measure": "f1", "value": 0.4, "warnings": ["the highest F1 is at an end of the grid)"
      R"( (0.8): the best may lie outside", "the highest F1 is the same from 0.8 to 0.9"]})");

  const auto found = states();

  EXPECT_THAT(found[0].collapsed, IsEmpty());
  EXPECT_THAT(found[0].doubtful, ElementsAre(HasSubstr("own/tuning.json: the highest F1 is at")));
}

TEST_F(Trainings, ATuningThatFindsNoMitosisIsOfACollapsedNetwork) {
  add_run("");
  add_file("tuning.json", R"({"measure": "f1", "value": 0, "warnings": []})");

  EXPECT_THAT(states()[0].collapsed,
              ElementsAre("tuning.json: at no threshold is a mitosis of the tuning cases found"));
}

TEST_F(Trainings, ALogThatIsNoneLeavesTheRunUnjudged) {
  add_run("");
  add_file("cnn4/ensemble.json", "{}");

  EXPECT_THAT(states()[0].unjudged, ElementsAre("cnn4/ensemble.json"));
}

TEST_F(Trainings, ARunThatIsNotDoneSaysNothing) {
  const auto found = training_states({nullptr}, {"nowhere"});

  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].collapsed, IsEmpty());
}

}  // namespace
}  // namespace mito::sweep
