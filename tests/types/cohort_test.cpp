#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/types/cohort_table.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

using ::testing::HasSubstr;

class CohortTableFile : public ::testing::Test {
 protected:
  CohortTable read(const std::string& text) {
    std::ofstream(folder_ / "study.csv", std::ios::binary) << text;
    return read_cohort_table(folder_ / "study.csv");
  }
  std::string error_of(const std::string& text) {
    try {
      read(text);
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  }

  test::TempFolder folder_;
};

TEST_F(CohortTableFile, ReadsRowsOfSlidesAndOfCases) {
  const auto table = read(
      "slide,case,centre,scanner,grade,proliferation\na.svs,1,Utrecht,XR,3,0.25\n,2,Nijmegen,,,\n");

  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.row_of("x/a.svs", "9").grade, 3);
  EXPECT_EQ(table.row_of("x/a.svs", "9").proliferation, 0.25);
  EXPECT_EQ(table.row_of("x/b.svs", "2").centre, "Nijmegen");
  EXPECT_FALSE(table.row_of("x/b.svs", "2").grade.has_value());
}

TEST_F(CohortTableFile, CountsTheDataOfAStudyPerPurposeCentreScannerAndReference) {
  const auto table = read(
      "slide,case,centre,scanner,purpose,reference\n"
      "1_phh3,1,Nijmegen,P1000,training,observers\n1_he,1,Nijmegen,P250,training,PHH3\n"
      "2a_he,2,Nijmegen,P250,training,PHH3\n2b_he,2,Nijmegen,P250,training,PHH3\n"
      ",aux-24,Utrecht,,test,observers\nTUPAC-TE-001,,,,test,observers\n");

  EXPECT_THAT(groups_of(table), ::testing::ElementsAre(
                                    CohortGroup{"training", "Nijmegen", "P1000", "observers", 1, 1},
                                    CohortGroup{"training", "Nijmegen", "P250", "PHH3", 2, 3},
                                    CohortGroup{"test", "Utrecht", "", "observers", 1, 0},
                                    CohortGroup{"test", "", "", "observers", 1, 1}));
}

TEST_F(CohortTableFile, ReadsTheTruthOfTupacByLine) {
  const auto table = read("1,-0.25\r\n3,1.5\r\n");

  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.row_of("TUPAC-TR-002.svs", "").grade, 3);
  EXPECT_EQ(table.row_of("TUPAC-TR-001.svs", "").proliferation, -0.25);
}

TEST_F(CohortTableFile, IsReadAsSpreadsheetsWriteIt) {
  const auto table = read("sep=;\r\nslide;grade;proliferation\r\nC:\\x\\a.svs;3;0,25\r\n;;\r\n");

  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.row_of("/y/a.svs", "").proliferation, 0.25);
  EXPECT_EQ(read("1;-0,25\n3;1,5\n").rows[1].proliferation, 1.5);
}

TEST_F(CohortTableFile, NamesThePlaceOfEveryMistake) {
  EXPECT_THAT(error_of("slide,grade\na,4\n"), HasSubstr("study.csv:2:3: expected a grade from 1"));
  EXPECT_THAT(error_of("slide,case\na,\na,\n"), HasSubstr("study.csv:3:1: 'a' is listed twice"));
  EXPECT_THAT(error_of("slide,case,centre\n,,A\n"), HasSubstr("study.csv:2:1: expected the name"));
  EXPECT_THAT(error_of("name,centre\na,b\n"), HasSubstr("'slide'"));
  EXPECT_THAT(error_of("slide,proliferation\na,high\n"), HasSubstr("expected a number"));
  EXPECT_THAT(error_of("1,0.5\n2,high\n"), HasSubstr("study.csv:2:1: expected a grade and a"));
  EXPECT_THAT(error_of("1,0.5\n0,0.5\n"), HasSubstr("study.csv:2:1: expected a grade from 1"));
}

TEST_F(CohortTableFile, SuggestsTheNearestNameOfAMissingSlide) {
  const auto table = read("slide,centre\ncase01_he,A\n");

  try {
    table.row_of("case02_he.svs", "case02");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no row for slide 'case02_he' of case 'case02'"));
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'case01_he'?"));
  }
}

}  // namespace
}  // namespace mito
