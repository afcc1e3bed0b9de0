#include "engine/report/figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito::report {
namespace {

using ::testing::ElementsAre;
using Json = nlohmann::ordered_json;

const Heading kHeading{"fig7", "F1 against the threshold", "a caption"};
const Axis kThreshold{"threshold", Range{0, 1}};
const Axis kF1{"F1", std::nullopt};

std::vector<Json> rows_of(const Figure& figure, const std::string& kind) {
  std::vector<Json> out;
  for (const auto& row : figure.spec["data"]["values"])
    if (row["kind"] == kind) out.push_back(row);
  return out;
}

/// The marks of the layers, from the bottom up.
std::vector<std::string> marks(const Figure& figure) {
  std::vector<std::string> out;
  for (const auto& layer : figure.spec["layer"]) out.push_back(layer["mark"]["type"]);
  return out;
}

TEST(CurveFigure, HoldsEveryPointOfEverySeriesInItsOrder) {
  const auto figure =
      curve_figure(kHeading, kThreshold, kF1,
                   {{"paper", "", {{0.8, 0.5, Range{0.4, 0.6}}, {0.9, 0.7, Range{0.6, 0.75}}}},
                    {"paper", "seed 1", {{0.8, 0.45, std::nullopt}, {0.9, 0.6, std::nullopt}}},
                    {"wide", "", {{0.9, 0.1, std::nullopt}}}});

  EXPECT_EQ(figure.name, "fig7");
  EXPECT_EQ(figure.spec["$schema"], "https://vega.github.io/schema/vega-lite/v6.json");
  EXPECT_THAT(marks(figure), ElementsAre("area", "line", "line", "circle", "point", "text"));
  const auto series = rows_of(figure, "series");
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[1], Json::parse(R"({"kind": "series", "series": "paper", "line": 0, "order": 1,
                                       "x": 0.9, "y": 0.7, "low": 0.6, "high": 0.75})"));
  const auto dots = rows_of(figure, "dot");  // one point makes no line
  ASSERT_EQ(dots.size(), 1U);
  EXPECT_EQ(dots[0]["series"], "wide");
  EXPECT_FALSE(dots[0].contains("low"));
  const auto repeats = rows_of(figure, "repeat");
  ASSERT_EQ(repeats.size(), 2U);
  EXPECT_EQ(repeats[0]["repeat"], "seed 1");
  const auto& colour = figure.spec["layer"][1]["encoding"]["color"];
  EXPECT_THAT(colour["scale"]["domain"], ElementsAre("paper", "wide"));
  EXPECT_TRUE(colour["legend"].is_null());  // the names stand at the ends
  EXPECT_EQ(figure.spec["layer"][1]["encoding"]["x"]["scale"]["domain"], Json({0.0, 1.0}));
}

/// Two points of a curve that ends at `y`.
Curve to(const std::string& series, double y) {
  return {series, "", {{0.9, y, std::nullopt}, {0.8, 0.5, std::nullopt}}};
}

TEST(CurveFigure, NamesAtTheEndsOfTheLinesStandApartAndInTheirOrder) {
  const auto figure = curve_figure(kHeading, kThreshold, {"F1", Range{0, 1}},
                                   {to("low", 0.2), to("b", 0.98), to("a", 1), to("c", 0.97)});

  const auto& labels = figure.spec["layer"].back()["data"]["values"];
  ASSERT_EQ(labels.size(), 4U);
  std::vector<std::string> names;
  for (const auto& label : labels) names.push_back(label["series"]);
  EXPECT_THAT(names, ElementsAre("low", "c", "b", "a"));
  EXPECT_EQ(labels[0]["y"], 0.2);
  constexpr double kLine = 18.0 / 340;  // px of a name, of the figure
  EXPECT_DOUBLE_EQ(labels[3]["y"], 1);  // not above the chart
  EXPECT_NEAR(labels[3]["y"].get<double>() - labels[2]["y"].get<double>(), kLine, 1e-9);
  EXPECT_NEAR(labels[2]["y"].get<double>() - labels[1]["y"].get<double>(), kLine, 1e-9);
}

TEST(CurveFigure, ManySeriesHaveALegend) {
  std::vector<Curve> curves;
  for (int i = 0; i < 13; ++i) curves.push_back(to("s" + std::to_string(i), i / 13.0));

  const auto figure = curve_figure(kHeading, kThreshold, kF1, curves);

  EXPECT_THAT(marks(figure), ElementsAre("line", "point"));
  EXPECT_TRUE(figure.spec["layer"][0]["encoding"]["color"]["legend"].is_object());
}

TEST(GridFigure, HasAFieldForEveryPairAndNoNumberWhereThereIsNone) {
  const auto figure =
      grid_figure(kHeading, {"d", {"20", "30"}}, {"t", {"0.4"}}, "f1",
                  {{0, 0, 0.25, "0.25 (1 run)"}, {1, 0, std::nullopt, "no run has it"}});

  EXPECT_THAT(marks(figure), ElementsAre("rect", "text"));
  const auto& rows = figure.spec["data"]["values"];
  EXPECT_EQ(rows[0], Json({{"x", "20"}, {"y", "0.4"}, {"text", "0.25 (1 run)"}, {"value", 0.25}}));
  EXPECT_FALSE(rows[1].contains("value"));
  EXPECT_THAT(figure.spec["layer"][0]["encoding"]["x"]["sort"], ElementsAre("20", "30"));
}

TEST(GridFigure, OfDifferencesReachesAsFarToBothSidesOfZero) {
  const auto figure = grid_figure(kHeading, {"t", {"1", "2"}}, {"d", {"3"}}, "F1",
                                  {{0, 0, -0.1, ""}, {1, 0, 0.2, ""}}, true);

  EXPECT_EQ(figure.spec["layer"][0]["encoding"]["color"]["scale"]["domain"], Json({-0.2, 0.2}));
}

TEST(ForestFigure, FillsTheDotsWhoseIntervalsLeaveOutZero) {
  const auto figure = forest_figure(kHeading, {"difference", std::nullopt},
                                    {{"better", 0.2, Range{0.1, 0.3}, "+0.2 (100 %)"},
                                     {"worse", -0.2, Range{-0.3, -0.1}, "-0.2 (100 %)"},
                                     {"same", 0.01, Range{-0.1, 0.1}, "+0.01 (55 %)"},
                                     {"once", 0.05, std::nullopt, "+0.05"}});

  EXPECT_THAT(marks(figure), ElementsAre("rule", "rule", "point", "point", "text"));
  const auto clear = rows_of(figure, "clear");
  ASSERT_EQ(clear.size(), 2U);
  EXPECT_EQ(clear[1]["variant"], "worse");
  const auto open = rows_of(figure, "open");
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(open[0]["low"], -0.1);
  EXPECT_FALSE(open[1].contains("low"));
  EXPECT_THAT(figure.spec["layer"][1]["encoding"]["y"]["sort"],
              ElementsAre("better", "worse", "same", "once"));
}

TEST(CurveFigure, OneSeriesNeedsNoLegendAndAMarkIsDrawnWhereItIs) {
  const auto figure =
      curve_figure(kHeading, kThreshold, kF1, {{"all", "", {{0.8, 0.5, {}}, {0.95, 0.6, {}}}}},
                   Mark{0.919, "threshold 0.919"});

  EXPECT_THAT(marks(figure), ElementsAre("line", "point", "rule", "text"));
  EXPECT_TRUE(figure.spec["layer"][0]["encoding"]["color"]["legend"].is_null());
  EXPECT_THAT(figure.spec["layer"][0]["encoding"]["color"]["scale"]["range"],
              ElementsAre("#1f5fa8"));
  EXPECT_EQ(figure.spec["layer"][2]["data"]["values"][0]["at"], 0.919);
  EXPECT_EQ(figure.spec["layer"][3]["data"]["values"][0]["text"], "threshold 0.919");
  EXPECT_EQ(figure.spec["layer"][3]["mark"]["align"], "right");
  const auto at_start =
      curve_figure(kHeading, {"threshold", std::nullopt}, kF1,
                   {{"all", "", {{0.8, 0.5, {}}, {1, 0.5, {}}}}}, Mark{0.8, "here"});
  EXPECT_EQ(at_start.spec["layer"][3]["mark"]["align"], "left");
}

TEST(CurveFigure, SeedsWithoutAMeanStandAlone) {
  const auto figure = curve_figure(kHeading, kThreshold, kF1,
                                   {{"paper", "seed 1", {{0.8, 0.5, {}}, {0.9, 0.6, {}}}}});

  EXPECT_THAT(marks(figure), ElementsAre("line", "point"));
  EXPECT_EQ(figure.spec["layer"][0]["transform"][0]["filter"]["equal"], "repeat");
}

TEST(SpreadFigure, KeepsPublishedNumbersApartFromRuns) {
  const auto figure =
      spread_figure({"f1", "f1", ""}, kF1,
                    {{"base", {{"seed 1", 0.4}, {"seed 2", 0.6}}, 0.5, Range{0.4, 0.6}, 0.48},
                     {"to do", {}, std::nullopt, std::nullopt, std::nullopt}},
                    "Tellez et al.");

  EXPECT_THAT(marks(figure), ElementsAre("rule", "circle", "tick", "point"));
  ASSERT_EQ(rows_of(figure, "published").size(), 1U);
  EXPECT_EQ(rows_of(figure, "published")[0]["value"], 0.48);
  EXPECT_EQ(rows_of(figure, "repeat").size(), 2U);
  EXPECT_EQ(rows_of(figure, "mean")[0]["runs"], 2);
  for (const char* kind : {"repeat", "mean", "deviation"})
    for (const auto& row : rows_of(figure, kind)) EXPECT_NE(row["value"], 0.48);
  const auto& encoding = figure.spec["layer"][3]["encoding"];
  EXPECT_EQ(encoding["color"]["datum"], "published: Tellez et al.");
  EXPECT_THAT(encoding["y"]["sort"],
              ElementsAre("base", "to do"));  // a row of its own, though empty
}

TEST(SpreadFigure, SaysNothingOfPublicationsWhereThereAreNone) {
  const auto figure =
      spread_figure({"f1", "f1", ""}, kF1, {{"base", {{"", 0.4}}, 0.4, {}, {}}}, "");

  EXPECT_THAT(marks(figure), ElementsAre("circle", "tick"));
  EXPECT_EQ(figure.spec["layer"][0]["encoding"]["x"]["axis"]["format"], "~g");  // one value: 0.4
  EXPECT_EQ(figure.spec["layer"][0]["encoding"]["color"]["scale"]["domain"].size(), 2U);
}

TEST(CalibrationFigure, ShowsTheRangesBesideTheDiagonal) {
  const auto figure = calibration_figure(kHeading, {{{0.8, 0.9}, 12, 0.85, 0.5}});

  EXPECT_THAT(marks(figure), ElementsAre("line", "line", "circle"));
  EXPECT_EQ(figure.spec["data"]["values"][0],
            Json::parse(R"({"low": 0.8, "high": 0.9, "count": 12, "score": 0.85, "share": 0.5})"));
  EXPECT_EQ(figure.spec["layer"][0]["data"]["values"], Json::parse(R"([{"at": 0}, {"at": 1}])"));
}

TEST(FrocFigure, JoinsPointsInTheOrderOfTheThreshold) {
  const auto figure =
      froc_figure(kHeading, "false positives per mm²", {{0.8, 3, 0.9}, {0.9, 1, 0.7}});

  EXPECT_EQ(figure.spec["data"]["values"][1],
            Json::parse(R"({"order": 1, "threshold": 0.9, "fp": 1.0, "recall": 0.7})"));
  EXPECT_EQ(figure.spec["layer"][0]["encoding"]["x"]["title"], "false positives per mm²");
  EXPECT_EQ(figure.spec["layer"][0]["encoding"]["order"]["field"], "order");
}

}  // namespace
}  // namespace mito::report
