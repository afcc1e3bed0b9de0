#include "tools/sweep/case_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sweep/sweep_support.h"

namespace mito::sweep {
namespace {

using ::testing::HasSubstr;

Metric f1() {
  Metric metric{"f1", {}, "evaluation.json", {"f1"}, {}, {}};
  metric.cases = {"cases.csv", "case", {"tp", "tp"}, {"tp", "tp", "fp", "fn"}};
  return metric;
}

std::string message(const Metric& metric,
                    std::optional<double> value,
                    const test::TempFolder& folder) {
  try {
    case_parts(metric, value, folder.path());
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(CaseCounts, RowsOfOneCaseAreAddedUp) {
  test::TempFolder folder;
  write(folder / "cases.csv", "case,slide,tp,fp,fn\np1,a,3,1,0\np2,b,0,0,2\np1,c,1,0,1\n");

  const auto parts = case_parts(f1(), 8.0 / 12, folder.path());

  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts.at("p1").part, 8);
  EXPECT_EQ(parts.at("p1").whole, 10);
  EXPECT_EQ(parts.at("p2").part, 0);
  EXPECT_EQ(parts.at("p2").whole, 2);
}

TEST(CaseCounts, CasesThatDoNotGiveTheMetricAreRefused) {
  test::TempFolder folder;
  write(folder / "cases.csv", "case,tp,fp,fn\np1,3,1,0\n");

  EXPECT_THAT(message(f1(), 0.5, folder),
              HasSubstr("cases.csv: its cases together give 0.857142857142857"));
  EXPECT_THAT(message(f1(), 0.5, folder), HasSubstr("but the metric is 0.5; 'cases' must count"));
  EXPECT_THAT(message(f1(), std::nullopt, folder), HasSubstr("but the metric is nothing"));
  EXPECT_EQ(message(f1(), 6.0 / 7 + 0.0004, folder), "no error");  // a file may round
}

TEST(CaseCounts, AFileWithoutTheColumnOrACaseIsRefused) {
  test::TempFolder folder;
  EXPECT_THAT(message(f1(), 1, folder), HasSubstr("cases.csv"));
  write(folder / "cases.csv", "case,tp,fp\np1,3,1\n");
  EXPECT_THAT(message(f1(), 1, folder), HasSubstr("fn"));
  write(folder / "cases.csv", "case,tp,fp,fn\n");
  EXPECT_THAT(message(f1(), 1, folder), HasSubstr("has no case"));
}

}  // namespace
}  // namespace mito::sweep
