#include "tools/sweep/metric_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sweep/sweep_support.h"

namespace mito::sweep {
namespace {

class MetricValue : public ::testing::Test {
 protected:
  MetricValue() {
    write(folder_ / "e.json",
          R"({"model": {"f1": 0.25, "none": null, "name": "x"}, "slides": [{"n": 3}]})");
    write(folder_ / "c.csv", "slide,n,empty\ns1,4,\ns2,5,\n");
    write(folder_ / "one.csv", "n\n7\n");
    write(folder_ / "broken.json", "{");
  }
  std::optional<double> value(const std::string& file,
                              const std::vector<std::string>& at,
                              const std::string& column = "",
                              const std::string& row = "") const {
    Metric metric;
    metric.file = file;
    metric.at = at;
    metric.row_column = column;
    metric.row_value = row;
    return metric_value(metric, folder_.path());
  }
  std::string message(const std::string& file,
                      const std::vector<std::string>& at,
                      const std::string& column = "",
                      const std::string& row = "") const {
    try {
      value(file, at, column, row);
    } catch (const DataError& error) {
      return std::string(error.what()).substr(folder_.path().string().size() + 1);
    }
    return "no error";
  }
  test::TempFolder folder_;
};

TEST_F(MetricValue, FollowsKeysAndIndices) {
  EXPECT_EQ(value("e.json", {"model", "f1"}), 0.25);
  EXPECT_EQ(value("e.json", {"slides", "0", "n"}), 3);
}

TEST_F(MetricValue, IsEmptyWhereTheFileSaysSo) {
  EXPECT_EQ(value("e.json", {"model", "none"}), std::nullopt);
  EXPECT_EQ(value("c.csv", {"empty"}, "slide", "s1"), std::nullopt);
}

TEST_F(MetricValue, TakesTheRowOfATableOrTheOnlyOne) {
  EXPECT_EQ(value("c.csv", {"n"}, "slide", "s2"), 5);
  EXPECT_EQ(value("one.csv", {"n"}), 7);
}

TEST_F(MetricValue, SaysWhatThereIsInstead) {
  EXPECT_EQ(message("e.json", {"model", "f2"}),
            "e.json: expected 'f2' in 'model', found others; did you mean 'f1'?");
  EXPECT_EQ(message("e.json", {"whole"}),
            "e.json: expected 'whole' at the top, found the keys model, slides");
  EXPECT_EQ(message("e.json", {"slides", "1"}),
            "e.json: expected '1' in 'slides', found a list of 1");
  EXPECT_EQ(message("e.json", {"model", "name"}),
            "e.json: expected a number at 'model.name', found \"x\"");
  EXPECT_EQ(message("none.json", {"x"}), "none.json: no such file");
  EXPECT_EQ(message("broken.json", {"x"}), "broken.json: is not JSON");
  EXPECT_EQ(message("c.csv", {"n"}),
            "c.csv: expected one row (say which with row: {COLUMN: VALUE}), found 2");
  EXPECT_EQ(message("c.csv", {"n"}, "slide", "s3"),
            "c.csv: expected one row with 's3' in column 'slide', found 0");
  EXPECT_THAT(message("c.csv", {"m"}, "slide", "s1"),
              ::testing::HasSubstr("expected a column 'm'"));
}

}  // namespace
}  // namespace mito::sweep
