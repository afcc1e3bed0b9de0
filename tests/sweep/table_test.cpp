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
            "variant,seed,state,f1,c.t,cnn5.h5,seconds,note\n"
            "a,1,done,0.1,0.5,00112233445566,2.000,\n"
            "a,2,done,0.4,0.5,aa,1.250,\n"
            "\"b,c\",1,failed,,\"[1, 2]\",,,\"node 'x' | y\"\n");
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
  EXPECT_THAT(text, HasSubstr("| node 'x' \\| y |"));
}

/// Seed 2 of `a` collapsed.
Table with_a_collapsed_run() {
  Table t = table();
  t.rows[1].state = Row::kCollapsed;
  t.rows[1].metrics[0] = 0;
  t.rows[1].training.collapsed = {"network cnn4 collapsed"};
  return t;
}

TEST(SweepTable, ACollapsedRunStandsBesideTheMeanAndNotInIt) {
  const auto t = with_a_collapsed_run();

  const auto cell = summarise(t)[0].metrics[0];

  EXPECT_EQ(cell.n, 1U);
  EXPECT_DOUBLE_EQ(cell.mean, 0.1);
  EXPECT_DOUBLE_EQ(*cell.mean_of_all, 0.05);
  EXPECT_EQ(text_of(cell), "0.1; 1 collapsed: 0; all: 0.05");
  EXPECT_THAT(summary_table(t).rows[0],
              ElementsAre("a", "0.1; 1 collapsed: 0; all: 0.05", "1 of 2, 1 collapsed"));
  EXPECT_THAT(summary_notes(t)[1], HasSubstr("a, seed 2 (network cnn4 collapsed)"));
  EXPECT_THAT(to_csv(t), HasSubstr("a,2,collapsed,0,0.5,aa,1.250,\"network cnn4 collapsed\"\n"));
}

TEST(SweepTable, DoubtfulAndUnjudgedRunsAreNamedAndStayInTheMean) {
  Table t = table();
  t.rows[0].training.doubtful = {"tuning.json: the highest F1 is at an end of the grid (0.8)"};
  t.rows[1].training.unjudged = {"cnn5.h5"};

  EXPECT_EQ(summarise(t)[0].metrics[0].n, 2U);
  const auto notes = summary_notes(t);
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_THAT(notes[1],
              HasSubstr("end of its grid, so that the best one may lie outside: a, seed 1"));
  EXPECT_THAT(notes[2], HasSubstr("a, seed 2"));
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
