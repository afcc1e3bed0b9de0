#include "nodes/drawn/phantom/phantom_table.h"

#include <fstream>
#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/types/cohort_table.h"
#include "tests/support/temp_folder.h"

namespace mito::phantom {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class PhantomTable : public ::testing::Test {
 protected:
  std::vector<Case> read(const std::string& text, const Params& defaults = {}) const {
    std::ofstream(folder_ / "t.csv") << text;
    return read_phantom_table(folder_ / "t.csv", defaults);
  }
  std::string message(const std::string& text) const {
    try {
      read(text);
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

 private:
  test::TempFolder folder_;
};

TEST_F(PhantomTable, AColumnSetsAParameterAndAnEmptyFieldLeavesItsDefault) {
  Params defaults;
  defaults.lookalikes = 7;
  defaults.slides = "he";

  const auto cases =
      read("case,seed,mitoses,centre,shift_x_um\na,5,,violet,1.5\nb,6,3,,\n", defaults);

  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].params.name, "a");
  EXPECT_EQ(cases[0].params.seed, 5);
  EXPECT_EQ(cases[0].params.mitoses, defaults.mitoses);
  EXPECT_EQ(cases[0].params.centre, "violet");
  EXPECT_EQ(cases[0].params.shift_x_um, 1.5);
  EXPECT_EQ(cases[1].params.mitoses, 3);
  EXPECT_EQ(cases[1].params.centre, "in_house");
  EXPECT_EQ(cases[1].params.lookalikes, 7);
  EXPECT_EQ(cases[1].params.slides, "he");
}

TEST_F(PhantomTable, AMistakeIsNamedWithItsPlace) {
  EXPECT_THAT(message("seed\n1\n"), HasSubstr("case"));
  EXPECT_THAT(message("case,mitosis\na,1\n"),
              HasSubstr("t.csv:1: a phantom has no parameter 'mitosis'; did you mean 'mitoses'?"));
  EXPECT_THAT(message("case,seed\na,1\nb,-2\n"),
              HasSubstr("t.csv:3:3: seed must be in [0, 4294967295], got -2"));
  EXPECT_THAT(message("case,seed\na,x\n"), HasSubstr("t.csv:2:3: column 'seed'"));
  EXPECT_THAT(message("case,centre\na,viollet\n"),
              HasSubstr("t.csv:2:3: centre must be one of in_house"));
  EXPECT_THAT(message("case\na\na\n"), HasSubstr("t.csv:3:1: 'a' is listed twice"));
  EXPECT_THAT(message("case\na/b\n"), HasSubstr("t.csv:2:1: expected a file name"));
}

TEST_F(PhantomTable, TheIdentityOfACaseIsWhatDecidesItsDrawing) {
  const auto cases = read("case,seed,centre\na,1,pale\nb,2,pale\n");

  EXPECT_EQ(
      content_digest(cases[0]),
      content_digest(read("centre,case,seed,grade,purpose,reference\npale,a,1,3,test,drawn\n")[0]));
  EXPECT_NE(content_digest(cases[0]), content_digest(cases[1]));
}

/// The tables that come with mitoloom, which are tables of studies, too.
class ShippedTable : public ::testing::TestWithParam<const char*> {
 protected:
  static fs::path file() { return fs::path(MITO_SOURCE_DIR) / "pipelines/phantoms" / GetParam(); }
};

TEST_P(ShippedTable, SaysOfTheStudyWhatIsDrawn) {
  const auto study = read_cohort_table(file());
  const auto cases = read_phantom_table(file(), {});

  ASSERT_EQ(study.rows.size(), cases.size());
  EXPECT_GT(cases.size(), 15U);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& row = study.rows[i];
    EXPECT_EQ(row.case_id, cases[i].params.name);
    EXPECT_EQ(row.centre, cases[i].params.centre);
    if (!row.proliferation) continue;
    const int count = cases[i].params.mitoses;
    EXPECT_EQ(*row.proliferation, count) << row.case_id;
    EXPECT_EQ(row.grade, count <= 6 ? 1 : count <= 20 ? 2 : 3) << row.case_id;
  }
}

TEST_P(ShippedTable, DrawsNoSectionTwice) {
  std::set<std::int64_t> seeds;
  for (const auto& one : read_phantom_table(file(), {}))
    EXPECT_TRUE(seeds.insert(one.params.seed).second) << one.params.name;
}

INSTANTIATE_TEST_SUITE_P(Phantoms, ShippedTable, ::testing::Values("cohort.csv", "graded.csv"));

}  // namespace
}  // namespace mito::phantom
