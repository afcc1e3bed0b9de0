#include "tools/sweep/sweep_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/report/pages.h"
#include "tests/sweep/sweep_support.h"

namespace mito::sweep {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kSaid{"tests", "4",   "4",      "10", "any_hit",
                                     "7.5",   "0.9", "others", "no"};
const std::vector<std::string> kSilent(9);

/// Row of `variant` with a curve that has its highest F1 at `best`.
Row row(const std::string& variant, const std::string& seed, double f1, double best) {
  Row out{variant, seed, "done", "", {f1}, {"0.5"}, {}, 12.5};
  out.curves.resize(1);
  for (int i = 0; i <= 20; ++i) {
    const double x = 0.8 + i / 100.0;
    const double y = f1 - 5 * (x - best) * (x - best);
    out.curves[0].push_back({x, y, report::Range{y - 0.06, y + 0.05}});
  }
  out.flags = {kSaid, kSilent};
  return out;
}

Table table() {
  Table out;
  out.title = "Table III, <small>";
  out.metrics = {"f1"};
  out.params = {"cells.max_intensity"};
  out.rows = {row("baseline", "1", 0.52, 0.88), row("baseline", "2", 0.55, 0.9),
              row("RCSEHBG-ensemble", "1", 0.61, 0.93), row("RCSEHBG-ensemble", "2", 0.64, 0.92)};
  out.rows.push_back({"later", "1", "to do", "", {std::nullopt}, {"0.5"}, {}, std::nullopt});
  out.report.charts = {{"fig7",
                        "F1 against the threshold (Fig. 7)",
                        "evaluation_curve.csv",
                        "threshold",
                        "f1",
                        "f1_low",
                        "f1_high",
                        {}}};
  out.report.published = {"Tellez et al. 2018, Table III",
                          {{"f1", {{"baseline", 0.412}, {"later", 0.636}}}}};
  out.report.labels = {{"Augmentation", "Ensemble"},
                       {{"RCSEHBG-ensemble", {{"Augmentation", "RCSEHBG"}, {"Ensemble", "10"}}}}};
  out.sources = {{"f1", "evaluation.json", {"total", "f1"}},
                 {"F1 against the threshold (Fig. 7)", "evaluation_curve.csv"}};
  return out;
}

TEST(SweepPage, DrawsACurvePerVariantAndItsSeedsThin) {
  const auto page = sweep_page(table());

  ASSERT_EQ(page.sections.size(), 4U);
  const auto& figures = page.sections[1].figures;
  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].name, "sweep.fig7");
  EXPECT_THAT(figures[0].caption, HasSubstr("Thin: each seed"));
  std::size_t thick = 0;
  std::size_t thin = 0;
  for (const auto& point : figures[0].spec["data"]["values"]) {
    thick += point["kind"] == "series" ? 1U : 0U;
    thin += point["kind"] == "repeat" ? 1U : 0U;
  }
  EXPECT_EQ(thick, 2 * 21U);
  EXPECT_EQ(thin, 4 * 21U);
}

TEST(SweepPage, KeepsPublishedNumbersApart) {
  const auto page = sweep_page(table());

  EXPECT_THAT(page.sections[0].paragraphs,
              Contains(HasSubstr("Published numbers: Tellez et al. 2018, Table III.")));
  const auto& f1 = page.sections[1].figures[1];
  EXPECT_EQ(f1.name, "sweep.f1");
  std::vector<double> published;
  for (const auto& point : f1.spec["data"]["values"])
    if (point["kind"] == "published") published.push_back(point["value"]);
  EXPECT_THAT(published, ElementsAre(0.412, 0.636));
}

TEST(SweepPage, SaysWhatTheNumbersWereMeasuredOn) {
  auto t = table();
  t.rows[1].flags[0][8] = "yes";

  const auto section = sweep_page(t).sections[2];

  ASSERT_TRUE(section.table.has_value());
  ASSERT_EQ(section.table->rows.size(), 2U);  // the seeds of the baseline do not say the same
  EXPECT_EQ(section.table->rows[0].front(), "all");  // that have run
  EXPECT_EQ(section.table->rows[0].back(), "no");
  EXPECT_EQ(section.table->rows[1].front(), "baseline");
  EXPECT_EQ(section.table->rows[1].back(), "yes");
  EXPECT_THAT(section.paragraphs,
              Contains("evaluation_curve.csv does not say what it was measured on."));
}

TEST(SweepPage, TellsNumbersOfOneFileApartThatWereChosenOtherwise) {
  auto t = table();
  t.rows.resize(1);
  auto said = kSaid;
  t.sources.push_back({"precision", "evaluation.json", {"total", "precision"}});
  t.rows[0].flags.push_back(said);
  said.back() = "yes";
  t.sources.push_back({"best_f1", "evaluation.json", {"curve", "best_f1"}});
  t.rows[0].flags.push_back(said);

  const auto rows = sweep_page(t).sections[2].table->rows;

  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0][1], "f1, precision");
  EXPECT_EQ(rows[0].back(), "no");
  EXPECT_EQ(rows[1][1], "best_f1");
  EXPECT_EQ(rows[1].back(), "yes");
}

TEST(SweepPage, SaysWhichFiguresNoRunHas) {
  auto t = table();
  t.rows.erase(t.rows.begin(), t.rows.end() - 1);
  t.report.published = {};

  const auto page = sweep_page(t);

  EXPECT_TRUE(page.sections[1].figures.empty());
  EXPECT_THAT(page.sections[1].paragraphs,
              ElementsAre("F1 against the threshold (Fig. 7): no run has it yet.",
                          "f1: no run has it yet."));
}

TEST(SweepPage, SaysOnceWhatAllVariantsAgreeOn) {
  auto t = table();
  t.rows.pop_back();

  const auto rows = sweep_page(t).sections[2].table->rows;

  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].front(), "all");
}

/// A grid of two parameters, or three, in which each field has its place as its number.
Table grid(std::size_t parameters) {
  Table out;
  out.title = "A grid";
  out.metrics = {"f1"};
  out.axes = {{"t", {"0.4", "0.5"}}, {"d", {"20", "25", "30"}}};
  if (parameters == 3) out.axes.insert(out.axes.begin(), {"kind", {"a", "b"}});
  for (std::size_t t = 0; t < 2; ++t) {
    for (std::size_t d = 0; d < 3; ++d) {
      const auto name = "t=" + std::to_string(t) + "+d=" + std::to_string(d);
      out.rows.push_back({name, "", "done", "", {static_cast<double>(10 * t + d)}, {}, {}, 1.0});
      out.points[name] = {t, d};
      if (parameters == 3) out.points[name].insert(out.points[name].begin(), t);
    }
  }
  return out;
}

TEST(SweepPage, AGridIsAHeatMap) {
  const auto page = sweep_page(grid(2));

  const auto& figures = page.sections[1].figures;
  ASSERT_EQ(figures.size(), 1U);  // the numbers of single runs are all in it
  EXPECT_EQ(figures[0].name, "sweep.f1.grid");
  const auto& data = figures[0].spec["data"]["values"];
  ASSERT_EQ(data.size(), 6U);
  EXPECT_EQ(data[4]["y"], "0.5");
  EXPECT_EQ(data[4]["x"], "25");
  EXPECT_EQ(data[4]["value"], 11);
  EXPECT_EQ(data[4]["text"], "11 (1 run)");
}

TEST(SweepPage, AGridWithSeedsHasItsRunsBesideTheHeatMap) {
  auto t = grid(2);
  for (auto& row : t.rows) row.seed = "1";
  auto again = t.rows;
  for (auto& row : again) row.seed = "2";
  t.rows.insert(t.rows.end(), again.begin(), again.end());

  const auto page = sweep_page(t);

  ASSERT_EQ(page.sections[1].figures.size(), 2U);
  EXPECT_EQ(page.sections[1].figures[0].spec["data"]["values"][4]["text"], "11 ± 0 (2 runs)");
}

TEST(SweepPage, AGridOfThreeParametersHasAHeatMapForEachValueOfTheFirst) {
  const auto page = sweep_page(grid(3));

  const auto& figures = page.sections[1].figures;
  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].title, "f1 over the grid, kind=a");
  EXPECT_EQ(figures[1].name, "sweep.f1.grid2");
  EXPECT_EQ(figures[1].title, "f1 over the grid, kind=b");
  EXPECT_EQ(figures[1].spec["data"]["values"].size(), 3U);
}

/// `table` with its first variant as the baseline of f1.
Table with_baseline(Table table) {
  table.kinds = {{true, false}};
  table.report.baseline = table.rows.front().variant;
  return table;
}

std::vector<std::string> titles(const report::Page& page) {
  std::vector<std::string> out;
  for (const auto& section : page.sections) out.push_back(section.title);
  return out;
}

TEST(SweepPage, BeginsWithTheDifferencesFromTheBaseline) {
  const auto t = with_baseline(table());

  const auto page = sweep_page(t, comparison_of(t));

  EXPECT_THAT(titles(page),
              ElementsAre("Differences from baseline", "Compared with baseline", "Variants",
                          "Figures", "Ranks", "What the numbers were measured on", "Runs"));
  ASSERT_EQ(page.sections[0].figures.size(), 1U);
  const auto& forest = page.sections[0].figures[0];
  EXPECT_EQ(forest.title, "f1 (higher is better)");
  ASSERT_EQ(forest.spec["data"]["values"].size(), 1U);  // nothing is known of `later`
  const auto& row = forest.spec["data"]["values"][0];
  EXPECT_EQ(row["variant"], "RCSEHBG-ensemble");
  EXPECT_NEAR(row["difference"], 0.09, 1e-12);
  EXPECT_EQ(row["kind"], "clear");  // by 0.09 with either seed
  EXPECT_EQ(row["text"], "+0.09 (100.0 %)");
  EXPECT_EQ(page.sections[1].table->columns[2].title, "difference");
}

TEST(SweepPage, FoldsWhatIsOnlyLookedUp) {
  const auto page = sweep_page(table());

  EXPECT_FALSE(page.sections[0].folded);
  EXPECT_TRUE(page.sections[2].folded);  // what the numbers were measured on
  EXPECT_TRUE(page.sections[3].folded);  // all runs
}

TEST(SweepPage, DifferencesOfAGridAreAHeatMap) {
  const auto t = with_baseline(grid(2));

  const auto figures = sweep_page(t, comparison_of(t)).sections[0].figures;

  ASSERT_EQ(figures.size(), 1U);
  EXPECT_EQ(figures[0].name, "sweep.f1.difference.grid");
  const auto& data = figures[0].spec["data"]["values"];
  ASSERT_EQ(data.size(), 6U);
  EXPECT_FALSE(data[0].contains("value"));
  EXPECT_EQ(data[0]["text"], "the baseline");
  EXPECT_EQ(data[4]["value"], 11);
}

TEST(SweepPage, AGridOpensInABrowserWithoutNetwork) {
  test::TempFolder folder;
  const auto t = with_baseline(grid(2));
  report::write(sweep_page(t, comparison_of(t)), folder.path(), "grid.html");

  const int code = test::view_page(folder / "grid.html", 2);

  if (code == 77) GTEST_SKIP() << "needs Chromium: apt-get install chromium chromium-driver";
  EXPECT_EQ(code, 0);
}

TEST(SweepPage, OpensInABrowserWithoutNetwork) {
  test::TempFolder folder;
  auto t = with_baseline(table());
  // Names are text, whatever they say.
  constexpr const char* kPlanted = "<script>planted=1</script><b>";
  for (auto& row : t.rows)
    if (row.variant == "later")
      row.variant = kPlanted;
    else if (row.variant != "baseline")
      row.variant += kPlanted;
  t.title += kPlanted;
  report::write(sweep_page(t, comparison_of(t)), folder.path(), "sweep.html");

  const int code = test::view_page(folder / "sweep.html", 3);

  if (code == 77) GTEST_SKIP() << "needs Chromium: apt-get install chromium chromium-driver";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace mito::sweep
