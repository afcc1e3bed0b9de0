#include "tools/sweep/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Cases of 10 mitoses each, of which so many are found.
CaseParts found(const std::vector<double>& per_case) {
  CaseParts out;
  for (std::size_t c = 0; c < per_case.size(); ++c)
    out["case " + std::to_string(c)] = {per_case[c], 10};
  return out;
}

Row run(const std::string& variant, const std::string& seed, const std::vector<double>& per_case) {
  double sum = 0;
  for (const double one : per_case) sum += one / 10 / static_cast<double>(per_case.size());
  Row row{variant, seed, "done", "", {sum}, {}, {}, 1.0};
  row.cases = {found(per_case)};
  return row;
}

/// `better` is so in every case and seed, `same` now and then.
Table table() {
  Table out;
  out.title = "Three";
  out.metrics = {"recall"};
  out.kinds = {{true, true}};
  out.report.baseline = "base";
  out.rows = {run("base", "1", {5, 4, 6, 5}),   run("base", "2", {6, 4, 5, 5}),
              run("better", "1", {8, 7, 9, 8}), run("better", "2", {9, 7, 8, 8}),
              run("same", "1", {6, 3, 7, 4}),   run("same", "2", {5, 5, 4, 6})};
  return out;
}

std::vector<report::Section> sections(const Table& table) {
  return comparison_sections(table, comparison_of(table));
}

OutputFiles files(const Table& table) { return comparison_files(table, comparison_of(table)); }

TEST(Comparison, IsPairedByCaseAndSeed) {
  const auto all = compared_with_baseline(table());

  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].variant, "better");
  EXPECT_EQ(*all[0].cases, 4U);
  EXPECT_THAT(all[0].seeds, ElementsAre("1", "2"));
  EXPECT_NEAR(*all[0].difference.value, 0.3, 1e-12);
  EXPECT_NEAR(all[0].difference.interval->low, 0.3, 1e-12);  // each case and seed by 3 of 10
  EXPECT_DOUBLE_EQ(*all[0].difference.p, 2.0 / 16);
  EXPECT_DOUBLE_EQ(*all[0].p_corrected, 2 * 2.0 / 16) << "two comparisons";
  EXPECT_LT(all[1].difference.interval->low, 0);
  EXPECT_GT(all[1].difference.interval->high, 0);
}

TEST(Comparison, ASeedInWhichARunCollapsedIsLeftOutAndCounted) {
  auto t = table();
  t.rows[3].state = Row::kCollapsed;
  t.rows[3].metrics[0] = 0;

  const auto all = compared_with_baseline(t);

  EXPECT_THAT(all[0].seeds, ElementsAre("1"));
  EXPECT_EQ(all[0].left_out, 1U);
  EXPECT_NEAR(*all[0].difference.value, 0.3, 1e-12);
  EXPECT_EQ(all[1].left_out, 0U);
  EXPECT_THAT(sections(t)[0].table->rows[0].back(), "1 (1 left out)");
}

TEST(Comparison, CasesThatOneRunLacksAreLeftOut) {
  auto t = table();
  t.rows[2].cases[0]->erase("case 0");

  EXPECT_EQ(*compared_with_baseline(t)[0].cases, 3U);
  EXPECT_EQ(*compared_with_baseline(t)[1].cases, 4U);
}

TEST(Comparison, WithoutCountsOfCasesItIsOfTheSeedsAlone) {
  auto t = table();
  t.kinds[0].has_cases = false;

  const auto one = compared_with_baseline(t)[0];

  EXPECT_FALSE(one.cases);
  EXPECT_EQ(one.difference.units, 2U);
  EXPECT_DOUBLE_EQ(*one.difference.p, 0.5);
}

TEST(Comparison, NothingIsComparedWithoutABaselineAndNothingRankedWithoutADirection) {
  auto t = table();
  t.report.baseline.clear();
  t.kinds[0].higher_is_better.reset();

  EXPECT_THAT(sections(t), IsEmpty());
  EXPECT_THAT(files(t), IsEmpty());
}

TEST(Comparison, AVariantThatHasNotRunYetIsARowWithoutNumbers) {
  auto t = table();
  t.rows[2].state = t.rows[3].state = "to do";
  t.rows[2].metrics[0].reset();
  t.rows[3].metrics[0].reset();

  const auto shown = sections(t);

  EXPECT_THAT(shown[0].table->rows[0], ElementsAre("recall", "better", "–", "–", "–", "–", "–", "–",
                                                   "–", "–", "0 (2 left out)"));
  EXPECT_THAT(shown[1].paragraphs[1], HasSubstr("recall: without better"));
  EXPECT_EQ(shown[1].table->rows.size(), 2U);
}

TEST(Comparison, RanksSayHowTheyHold) {
  const auto all = ranked(table());

  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].variants, ElementsAre("better", "base", "same"));  // 0.5 each: both second
  EXPECT_THAT(all[0].rank, ElementsAre(1, 2, 2));
  EXPECT_NEAR(all[0].share[0][0], 1, 1e-9);
  EXPECT_GT(all[0].share[1][2], 0.05);
  const auto rows = sections(table())[1].table->rows;
  EXPECT_THAT(rows[0], ElementsAre("recall", "1", "better", "0.8", "1", "1: 100 %", "4", "2"));
  EXPECT_EQ(rows[1][4], "2 to 3");
}

TEST(Comparison, FilesForProgramsHaveTheSameNumbers) {
  const auto written = files(table());

  ASSERT_EQ(written.size(), 2U);
  EXPECT_EQ(written[0].name, "sweep.compared.csv");
  EXPECT_THAT(written[0].bytes, HasSubstr("\nrecall,better,base,0.5,0.8,0.3"));
  EXPECT_THAT(written[0].bytes, HasSubstr(",1,0.125,0.125,yes,4,2,0,0.25\n"));
  EXPECT_EQ(written[1].name, "sweep.ranks.csv");
  EXPECT_THAT(written[1].bytes, HasSubstr("recall,better,0.8,1,1,1.0000,4,2\n"));
}

TEST(Comparison, OneSentenceSaysWhatSoManyCasesAndSeedsCanSay) {
  EXPECT_EQ(what_can_be_said(1, std::nullopt),
            "one run each says how far apart these two runs are, and nothing of another seed or "
            "other cases; there is no interval.");
  EXPECT_THAT(what_can_be_said(3, std::nullopt),
              HasSubstr("3 seeds without counts of cases say how far trainings differ"));
  EXPECT_THAT(what_can_be_said(3, 2), HasSubstr("an interval over two cases lies between these"));
  EXPECT_THAT(what_can_be_said(3, 4), HasSubstr("no p can be below 0.05"));
  EXPECT_EQ(
      what_can_be_said(1, 20),
      "20 cases and 1 seed say what to expect of other cases like these; and nothing of other "
      "trainings, as one training is in it.");
}

TEST(Comparison, MetricsOfWhichTheSameIsTrueShareASentence) {
  auto t = table();
  t.metrics.emplace_back("f1");
  t.kinds.push_back({std::nullopt, false});
  for (auto& row : t.rows) {
    row.metrics.push_back(row.metrics[0]);
    row.cases.emplace_back();
  }
  t.metrics.emplace_back("precision");
  t.kinds.push_back({std::nullopt, false});
  for (auto& row : t.rows) {
    row.metrics.push_back(row.metrics[0]);
    row.cases.emplace_back();
  }

  const auto paragraphs = sections(t)[0].paragraphs;

  ASSERT_EQ(paragraphs.size(), 3U);
  EXPECT_THAT(paragraphs[1], HasSubstr("recall: 4 cases and 2 seeds say"));
  EXPECT_THAT(paragraphs[2], HasSubstr("f1, precision: 2 seeds without counts of cases"));
}

}  // namespace
}  // namespace mito::sweep
