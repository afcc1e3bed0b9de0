#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mito::report {

/// A figure of a page: a Vega-Lite 6 specification that holds its data.
struct Figure {
  std::string name;  ///< Its file is NAME.vl.json, so letters, digits and any of _-. only.
  std::string title;
  std::string caption;
  nlohmann::ordered_json spec;
};

/// What a figure is called.
struct Heading {
  std::string name;
  std::string title;
  std::string caption;
};

/// A range of values, both ends included.
struct Range {
  double low = 0;
  double high = 0;
};

struct Axis {
  std::string title;
  std::optional<Range> domain;  ///< Empty: as wide as the data.
};

struct CurvePoint {
  double x = 0;
  double y = 0;
  std::optional<Range> band;  ///< The interval around y.
};

/// One line of a chart. Lines of one series have one colour and one entry in the legend.
struct Curve {
  std::string series;
  std::string
      repeat;  ///< "seed 1": one of several of the series, drawn thin. Empty: the series' own.
  std::vector<CurvePoint> points;  ///< In the order in which they are joined.
};

/// A dashed line at one x.
struct Mark {
  double x = 0;
  std::string text;
};

// A figure needs at least one point: what has none is said in words, as no axis fits it.

/// Lines against x, with their bands (Fig. 7: F1 against the threshold). Where there are several
/// series, each has its name at its right end, in an order that keeps the names apart; more than
/// twelve have a legend instead.
Figure curve_figure(const Heading& heading,
                    const Axis& x,
                    const Axis& y,
                    const std::vector<Curve>& curves,
                    const std::optional<Mark>& mark = std::nullopt);

/// The results of one variant of an experiment.
struct Spread {
  struct Repeat {
    std::string name;  ///< "seed 1"; may be empty.
    double value = 0;
  };
  std::string variant;
  std::vector<Repeat> repeats;
  std::optional<double> mean;       ///< Empty without a repeat.
  std::optional<Range> deviation;   ///< Mean - sd to mean + sd; empty for fewer than two repeats.
  std::optional<double> published;  ///< A number of somebody else.
};

/// A line per variant, in the order given: a dot per repeat, mean and standard deviation, and where
/// a number was published a mark of its own, called `source` in the legend.
Figure spread_figure(const Heading& heading,
                     const Axis& value,
                     const std::vector<Spread>& spreads,
                     const std::string& source);

/// How far a variant of an experiment is from its baseline.
struct Effect {
  std::string variant;
  double difference = 0;          ///< Variant - baseline.
  std::optional<Range> interval;  ///< Empty: not known.
  std::string text;               ///< Stands at the end of the line: "+0.27 (97 %)".
};

/// A line per variant, in the order given, beside a dashed one at no difference: a dot with its
/// interval, filled where that leaves out 0.
Figure forest_figure(const Heading& heading,
                     const Axis& difference,
                     const std::vector<Effect>& effects);

/// A field of a grid: what came out where its two parameters have these values.
struct GridCell {
  std::size_t x = 0;            ///< Index of the value of the one parameter,
  std::size_t y = 0;            ///< and of the other.
  std::optional<double> value;  ///< Empty: not there, or not defined.
  std::string text;             ///< For the mouse: "0.61 ± 0.02 of 3 runs".
};

/// The values that one parameter of a grid takes, in their order.
struct GridSide {
  std::string title;
  std::vector<std::string> values;
};

/// A heat map of two parameters, the number in each field. Of differences it has one colour above
/// 0 and another below.
Figure grid_figure(const Heading& heading,
                   const GridSide& x,
                   const GridSide& y,
                   const std::string& value,
                   const std::vector<GridCell>& cells,
                   bool of_differences = false);

/// Scores of one range, and how often they were right.
struct CalibrationPoint {
  Range scores;
  std::int64_t count = 0;
  double mean_score = 0;
  double share_true = 0;
};

/// Mean score against the share of true ones, beside the line on which scores are probabilities.
/// Dots grow with the number of scores.
Figure calibration_figure(const Heading& heading, const std::vector<CalibrationPoint>& points);

/// What is found against what it costs, at one threshold.
struct FrocPoint {
  double threshold = 0;
  double false_positives = 0;  ///< Per whatever the axis says.
  double recall = 0;
};

/// The free-response operating characteristic; points in the order of the threshold.
Figure froc_figure(const Heading& heading,
                   const std::string& false_positives,
                   const std::vector<FrocPoint>& points);

}  // namespace mito::report
