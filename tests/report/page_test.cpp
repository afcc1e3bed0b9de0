#include "engine/report/page.h"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/types/report.h"
#include "tests/report/pages.h"
#include "tests/support/temp_folder.h"

namespace mito::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// One figure of every kind, with names as long as they get.
Page page() {
  const std::string longest = "max_intensity=0.4+diameter_um=30";
  std::vector<Curve> curves;
  std::vector<Spread> spreads;
  int n = 0;
  for (const auto& variant : {std::string("paper"), std::string("RCSEHBG"), longest}) {
    const double shift = 0.03 * ++n;
    Curve mean{variant, "", {}};
    Curve seed{variant, "seed 1", {}};
    for (int i = 0; i <= 20; ++i) {
      const double x = 0.8 + i / 100.0;
      const double y = 0.7 - shift - 6 * (x - 0.93) * (x - 0.93);
      mean.points.push_back({x, y, Range{y - 0.04, y + 0.05}});
      seed.points.push_back({x, y + 0.01, std::nullopt});
    }
    curves.insert(curves.end(), {mean, seed});
    spreads.push_back({variant,
                       {{"seed 1", 0.6 + shift}, {"seed 2", 0.63 + shift}},
                       0.615 + shift,
                       Range{0.594 + shift, 0.636 + shift},
                       0.613});
  }
  Page out{"A </script> & <study>", {"A paragraph."}, {}};
  out.sections.push_back({"Table",
                          {},
                          Table{{{"variant"},
                                 {"F1", Table::Column::Kind::Number},
                                 {"F1 (published)", Table::Column::Kind::Published}},
                                {{"paper", "0.7 ± 0.01", "0.613"}, {longest, "–", ""}}},
                          {spread_figure({"page.f1", "F1", "One dot per run."}, {"F1", {}}, spreads,
                                         "Tellez et al. 2018, Table III")}});
  out.sections.push_back(
      {"Curves",
       {},
       std::nullopt,
       {curve_figure({"page.fig7", "F1 against the threshold </script>", ""},
                     {"threshold", Range{0.8, 1}}, {"F1", {}}, curves, Mark{0.919, "measured"}),
        froc_figure({"page.froc", "FROC", ""}, "false positives per mm²",
                    {{0.8, 4, 0.9}, {0.9, 1.5, 0.75}, {0.95, 0.2, 0.4}}),
        calibration_figure({"page.calibration", "Calibration", ""},
                           {{{0.8, 0.9}, 120, 0.85, 0.3}, {{0.9, 1}, 40, 0.95, 0.8}})}});
  // As little as a figure may hold.
  out.sections.push_back(
      {"Little",
       {},
       std::nullopt,
       {spread_figure({"page.one", "One run", ""}, {"F1", {}},
                      {{"paper", {{"", 0.6}}, 0.6, {}, {}}}, ""),
        spread_figure({"page.none", "No run", ""}, {"F1", {}}, {{"paper", {}, {}, {}, 0.6}},
                      "A paper"),
        curve_figure({"page.seed", "A seed", ""}, {"x", {}}, {"y", {}},
                     {{"a", "seed 1", {{1, 2, {}}}}}),
        calibration_figure({"page.bin", "A range", ""}, {{{0.8, 0.9}, 1, 0.85, 0}}),
        froc_figure({"page.point", "A point", ""}, "false positives", {{0.8, 0, 0}}),
        forest_figure({"page.forest", "Differences", ""}, {"difference", {}},
                      {{longest, 0.27, Range{-0.01, 0.5}, "+0.27 (97 %)"},
                       {"paper", -0.3, Range{-0.4, -0.1}, "-0.3 (100 %)"}}),
        forest_figure({"page.two", "Two runs", ""}, {"difference", {}},
                      {{"paper", 0.1, std::nullopt, "+0.1"}})}});
  out.sections.push_back({"All runs", {}, Table{{{"state"}}, {{"<b>done</b>"}}}, {}, true});
  out.sections.back().galleries = {{"Missed",
                                    {{"data:image/gif;base64,R0lGODlhAQABAAAAACw=", "<i>missed</i>",
                                      "missed", "<b>slide</b>: 1, 2"}}}};
  out.answer = {{"F1", "0.640", "95 % interval 0.5 to 0.7"}, {"mitoses", "10", ""}};
  return out;
}

/// The data that a page was filled with.
Json data_of(const std::string& whole) {
  const std::string begin = "id=\"data\">";
  const auto at = whole.find(begin) + begin.size();
  return Json::parse(whole.substr(at, whole.find('<', at) - at));
}

TEST(ReportPage, IsWholeByItselfAndNothingOfItsTextIsMarkup) {
  const auto whole = html(page());
  const auto data = data_of(whole);

  EXPECT_THAT(whole, Not(HasSubstr("<study>")));
  EXPECT_THAT(whole, Not(HasSubstr("<b>done</b>")));
  EXPECT_THAT(whole, Not(HasSubstr("<b>slide</b>")));
  EXPECT_EQ(data["title"], "A </script> & <study>");
  EXPECT_EQ(data["notice"], kNotAMedicalDevice);
  EXPECT_EQ(data["answer"][0]["value"], "0.640");
  EXPECT_EQ(data["sections"][0]["table"]["rows"][0][2], "0.613");
  EXPECT_EQ(data["sections"][0]["table"]["columns"][2]["kind"], "published");
  EXPECT_EQ(data["sections"][3]["table"]["rows"][0][0], "<b>done</b>");
  const auto& picture = data["sections"][3]["galleries"][0]["pictures"][0];
  EXPECT_EQ(picture["caption"], "<i>missed</i>");
  EXPECT_EQ(picture["mark"], "missed");
  EXPECT_EQ(picture["place"], "<b>slide</b>: 1, 2");
  const auto text = whole.substr(0, whole.find("<script"));
  for (const char* outside : {" src=\"", " href=\"http", "@import", "<link"})
    EXPECT_THAT(text, Not(HasSubstr(outside))) << outside;
}

TEST(ReportPage, WritesEverySpecificationBesideIt) {
  test::TempFolder folder;

  write(page(), folder.path(), "page.html");

  EXPECT_EQ(read_file(folder / "page.html"), html(page()));
  for (const auto& section : page().sections)
    for (const auto& figure : section.figures)
      EXPECT_EQ(Json::parse(read_file(folder / (figure.name + ".vl.json"))), figure.spec);
}

TEST(ReportPage, TextThatIsNoUtf8DoesNotStopIt) {
  Page odd = page();
  odd.sections[1].figures[0] =
      curve_figure({"odd", "odd", ""}, {"x", {}}, {"y", {}}, {{"caf\xe9", "", {{0, 1, {}}}}});

  EXPECT_NO_THROW(html(odd));
}

TEST(ReportPage, OpensInABrowserWithoutNetwork) {
  test::TempFolder folder;
  write(page(), folder.path(), "page.html");

  const int code = test::view_page(folder / "page.html", 11);

  if (code == 77) GTEST_SKIP() << "needs Chromium: apt-get install chromium chromium-driver";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace mito::report
