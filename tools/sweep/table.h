#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/report/page.h"
#include "tools/sweep/report_keys.h"

namespace mito::sweep {

/// Where a metric or a figure is read from.
struct Source {
  std::string name;                  ///< Of the metric or the figure.
  std::string file;                  ///< In the folder of a run.
  std::vector<std::string> at = {};  ///< JSON: keys and indices from the top.
};

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
  std::vector<std::vector<report::CurvePoint>> curves =
      {};                                            ///< One per chart; empty: not there yet.
  std::vector<std::vector<std::string>> flags = {};  ///< Texts of kFlags of each source.
};

/// The result of a sweep, one row per run, in the order of the sweep file.
struct Table {
  std::string title;
  std::vector<std::string> metrics;
  std::vector<std::string> params;
  std::vector<std::string> models;
  std::vector<Row> rows;
  ReportKeys report = {};
  std::vector<Source> sources = {};
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

/// What was published of a variant; empty when nothing was.
std::optional<double> published(const Table& table,
                                const std::string& metric,
                                const std::string& variant);

/// "0.8123 ± 0.0045", "0.8123" for one run, "–" for none.
std::string text_of(const Summary::Cell& cell);

/// variant,seed,state,METRICS,PARAMS,MODELS,seconds; numbers as they read back exactly.
std::string to_csv(const Table& table);

/// A table for people: the variants with their labels, and of each metric mean and standard
/// deviation over seeds beside the published number where there is one.
report::Table summary_table(const Table& table);

/// A table for people: every run.
report::Table run_table(const Table& table);

/// "Published numbers: SOURCE. ..."; empty when the sweep names none.
std::string published_note(const Table& table);

/// Both tables, and what the numbers were measured on.
std::string to_markdown(const Table& table);

}  // namespace mito::sweep
