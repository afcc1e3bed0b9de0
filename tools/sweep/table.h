#pragma once
#include <optional>
#include <string>
#include <vector>

namespace mito::sweep {

/// One run of a sweep: a variant with a seed.
struct Row {
  std::string variant;
  std::string seed;   ///< Empty: the sweep has no seeds.
  std::string state;  ///< done, failed, partly, to do
  std::string problem;
  std::vector<std::optional<double>> metrics;
  std::vector<std::string> params;  ///< Values in effect of all parameters that some variant sets.
  std::vector<std::string> models;  ///< SHA-256 of model files; empty where the run wrote none.
  std::optional<double> seconds;
};

/// The result of a sweep, one row per run, in the order of the sweep file.
struct Table {
  std::string title;
  std::vector<std::string> metrics;
  std::vector<std::string> params;
  std::vector<std::string> models;
  std::vector<Row> rows;
};

/// Mean and standard deviation (n - 1) of a metric over the seeds of a variant.
struct Summary {
  std::string variant;
  struct Cell {
    std::size_t n = 0;  ///< Runs that have the metric.
    double mean = 0;
    double sd = 0;  ///< Defined for two runs or more.
  };
  std::vector<Cell> metrics;
};

/// One entry per variant, in the order of the rows.
std::vector<Summary> summarise(const Table& table);

/// "0.8123 ± 0.0045", "0.8123" for one run, "–" for none.
std::string text_of(const Summary::Cell& cell);

/// variant,seed,state,METRICS,PARAMS,MODELS,seconds; numbers as they read back exactly.
std::string to_csv(const Table& table);

/// For people: variants with mean and standard deviation, then every run.
std::string to_markdown(const Table& table);

/// The same as one page that needs nothing else, with a drawing of each metric.
std::string to_html(const Table& table);

}  // namespace mito::sweep
