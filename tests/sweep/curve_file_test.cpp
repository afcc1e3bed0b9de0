#include "tools/sweep/curve_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/sweep/sweep_support.h"

namespace mito::sweep {
namespace {

using ::testing::HasSubstr;

constexpr const char* kCsv = R"(rule,t,f1,low,high
any_hit,0.8,0.5,0.4,0.6
any_hit,0.9,,,
any_hit,0.95,0.7,,
optimal,0.8,0.3,0.2,0.4
optimal,0.9,0.2,0.1,0.3
)";

class CurveFile : public ::testing::Test {
 protected:
  CurveFile() { write(folder_ / "c.csv", kCsv); }

  std::string message(const Chart& chart) {
    try {
      (void)read_curve(chart, folder_.path());
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  test::TempFolder folder_;
  Chart chart_{"fig7", "Fig. 7", "c.csv", "t", "f1", "low", "high", {{"rule", "any_hit"}}};
};

TEST_F(CurveFile, TakesTheChosenRowsAndLeavesOutWhatIsNotDefined) {
  const auto points = read_curve(chart_, folder_.path());

  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].x, 0.8);
  EXPECT_EQ(points[0].y, 0.5);
  EXPECT_EQ(points[0].band->high, 0.6);
  EXPECT_EQ(points[1].x, 0.95);
  EXPECT_FALSE(points[1].band.has_value());
}

TEST_F(CurveFile, SaysWhatTheFileHasInstead) {
  Chart all = chart_;
  all.where.clear();
  EXPECT_THAT(message(all),
              HasSubstr("c.csv: 't' goes up and down, so its rows are several curves; "
                        "say with where: {COLUMN: VALUE} which one is meant"));
  Chart none = chart_;
  none.where = {{"rule", "any"}};
  EXPECT_THAT(message(none), HasSubstr("c.csv: has no row with 'any' in column 'rule'"));
  Chart column = chart_;
  column.y = "f2";
  EXPECT_THAT(message(column), HasSubstr("f2"));
  Chart file = chart_;
  file.file = "d.csv";
  EXPECT_THAT(message(file), HasSubstr("d.csv"));
}

TEST(MeanCurve, IsTakenAtEveryXThatAllHaveOnce) {
  using Points = std::vector<report::CurvePoint>;
  const Points a{
      {0.8, 0.5, report::Range{0.4, 0.6}}, {0.85, 0.9, {}}, {0.9, 0.6, report::Range{0, 1}}};
  const Points b{{0.8, 0.7, report::Range{0.6, 0.9}}, {0.9, 0.2, {}}, {0.95, 0.1, {}}};
  const std::vector<Points> both{a, b};

  const auto mean = mean_curve(both);

  ASSERT_EQ(mean.size(), 2U);
  EXPECT_EQ(mean[0].x, 0.8);
  EXPECT_DOUBLE_EQ(mean[0].y, 0.6);
  EXPECT_DOUBLE_EQ(mean[0].band->low, 0.5);
  EXPECT_DOUBLE_EQ(mean[0].band->high, 0.75);
  EXPECT_DOUBLE_EQ(mean[1].y, 0.4);
  EXPECT_FALSE(mean[1].band.has_value());  // one of them has none
  EXPECT_EQ(mean_curve(std::vector<Points>{a}).size(), 3U);
  EXPECT_TRUE(mean_curve({}).empty());
  const Points step{{0, 0, {}}, {0, 1, {}}, {1, 1, {}}};
  EXPECT_EQ(mean_curve(std::vector<Points>{step, step}).size(), 1U);
}

}  // namespace
}  // namespace mito::sweep
