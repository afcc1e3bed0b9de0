#include "tools/sweep/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/sweep/sweep_support.h"

namespace mito::sweep {
namespace {

using ::testing::ElementsAre;

TEST(Flags, AreKeysAtTheTopOfAJsonFile) {
  test::TempFolder folder;
  write(folder / "e.json", R"({"data_set": "tests", "cases": 4, "match_um": 7.5, "optimistic": true,
                               "slides": ["a"], "threshold": null, "total": {"rule": "no"}})");

  EXPECT_THAT(read_flags(folder / "e.json", {}),
              ElementsAre("tests", "4", "", "", "", "7.5", "", "", "yes"));
}

TEST(Flags, AreWhatTheInnermostObjectSaysOfANumber) {
  test::TempFolder folder;
  write(folder / "e.json", R"({"data_set": "tests", "cases": 4, "threshold": 0.9,
                               "threshold_chosen_on": "others", "optimistic": false,
                               "total": {"rules": [{"rule": "any_hit", "f1": 0.6}]},
                               "curve": {"best_f1": 0.7, "threshold_chosen_on": "same data",
                                         "optimistic": true}})");

  EXPECT_THAT(read_flags(folder / "e.json", {"total", "rules", "0", "f1"}),
              ElementsAre("tests", "4", "", "", "any_hit", "", "0.9", "others", "no"));
  EXPECT_THAT(read_flags(folder / "e.json", {"curve", "best_f1"}),
              ElementsAre("tests", "4", "", "", "", "", "", "same data", "yes"));
  EXPECT_THAT(read_flags(folder / "e.json", {"nothing", "there"}),
              ElementsAre("tests", "4", "", "", "", "", "0.9", "others", "no"));
}

TEST(Flags, AreColumnsOfACsvThatSayOneThing) {
  test::TempFolder folder;
  write(folder / "c.csv",
        "threshold,f1,data_set,cases,optimistic\n0.8,1,tests,4,no\n0.9,1,tests,2,no\n");

  EXPECT_THAT(read_flags(folder / "c.csv", {}),
              ElementsAre("tests", "", "", "", "", "", "", "", "no"));
}

TEST(Flags, NeedAFileThatCanBeRead) {
  test::TempFolder folder;
  write(folder / "bad.json", "{");

  EXPECT_THROW(read_flags(folder / "bad.json", {}), DataError);
  EXPECT_THROW(read_flags(folder / "missing.json", {}), DataError);
  EXPECT_THROW(read_flags(folder / "missing.csv", {}), DataError);
}

}  // namespace
}  // namespace mito::sweep
