#include "tools/sweep/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Table table() {
  return {"Dark <spots>",
          {"f1"},
          {"c.t"},
          {"cnn5.h5"},
          {{"a", "1", "done", "", {0.1}, {"0.5"}, {"00112233445566"}, 2.0},
           {"a", "2", "done", "", {0.4}, {"0.5"}, {"aa"}, 1.25},
           {"b,c", "1", "failed", "node 'x' | y", {std::nullopt}, {"[1, 2]"}, {""}, std::nullopt}}};
}

TEST(SweepTable, CsvHasOneRowPerRunAndNumbersThatReadBack) {
  EXPECT_EQ(to_csv(table()),
            "variant,seed,state,f1,c.t,cnn5.h5,seconds\n"
            "a,1,done,0.1,0.5,00112233445566,2.000\n"
            "a,2,done,0.4,0.5,aa,1.250\n"
            "\"b,c\",1,failed,,\"[1, 2]\",,\n");
}

TEST(SweepTable, MeanAndStandardDeviationAreOverTheSeedsThatHaveTheMetric) {
  const auto summaries = summarise(table());

  ASSERT_EQ(summaries.size(), 2U);
  EXPECT_EQ(summaries[0].metrics[0].n, 2U);
  EXPECT_DOUBLE_EQ(summaries[0].metrics[0].mean, 0.25);
  EXPECT_DOUBLE_EQ(summaries[0].metrics[0].sd, std::sqrt(0.045));  // (0.15^2 + 0.15^2) / (2 - 1)
  EXPECT_EQ(summaries[1].metrics[0].n, 0U);
  EXPECT_EQ(text_of(summaries[0].metrics[0]), "0.25 ± 0.21");
  EXPECT_EQ(text_of(summaries[1].metrics[0]), "–");
  EXPECT_EQ(text_of({1, 0.5, 0}), "0.5");
}

TEST(SweepTable, MarkdownKeepsItsColumnsWhateverAMessageSays) {
  const auto text = to_markdown(table());

  EXPECT_THAT(text, HasSubstr("| a | 0.25 ± 0.21 | 2 of 2 |"));
  EXPECT_THAT(text, HasSubstr("| b,c | – | 0 of 1 |"));
  EXPECT_THAT(text, HasSubstr("failed: node 'x' \\| y"));
}

TEST(SweepTable, LabelsAndPublishedNumbersStandBesideTheProgramsOwn) {
  Table t = table();
  t.report.labels = {{"Augmentation", "Distilled"}, {{"a", {{"Augmentation", "RSEB"}}}}};
  t.report.published = {"Tellez et al. 2018, Table III", {{"f1", {{"b,c", 0.613}}}}};

  const auto summary = summary_table(t);

  std::vector<std::string> titles;
  for (const auto& column : summary.columns) titles.push_back(column.title);
  EXPECT_THAT(titles,
              ElementsAre("variant", "Augmentation", "Distilled", "f1 (published)", "f1", "runs"));
  EXPECT_EQ(summary.columns[3].kind, report::Table::Column::Kind::Published);
  EXPECT_THAT(summary.rows[0], ElementsAre("a", "RSEB", "", "–", "0.25 ± 0.21", "2 of 2"));
  EXPECT_THAT(summary.rows[1], ElementsAre("b,c", "", "", "0.613", "–", "0 of 1"));
  EXPECT_THAT(to_markdown(t), HasSubstr("Published numbers: Tellez et al. 2018, Table III."));
  EXPECT_EQ(to_csv(t), to_csv(table()));  // what is of this program alone
}

}  // namespace
}  // namespace mito::sweep
