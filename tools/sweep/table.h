#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/report/page.h"
#include "tools/sweep/case_counts.h"
#include "tools/sweep/report_keys.h"
#include "tools/sweep/sweep_file.h"
#include "tools/sweep/training_state.h"

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
  std::string seed;  ///< Empty: the sweep has no seeds.
  std::string
      state;  ///< done, collapsed (done, but a network learnt nothing), failed, partly, to do
  std::string problem;
  std::vector<std::optional<double>> metrics;
  std::vector<std::string> params;  ///< Values in effect of all parameters that some variant sets.
  std::vector<std::string> models;  ///< SHA-256 of model files; empty where the run wrote none.
  std::optional<double> seconds;
  std::vector<std::vector<report::CurvePoint>> curves =
      {};                                            ///< One per chart; empty: not there yet.
  std::vector<std::vector<std::string>> flags = {};  ///< Texts of kFlags of each source.
  std::vector<std::optional<CaseParts>> cases = {};  ///< Of each metric; empty: not named.
  TrainingState training = {};

  bool collapsed() const { return state == kCollapsed; }
  /// What people must know of the run: its problem, collapsed networks, doubts; else empty.
  std::string note() const;
  static constexpr const char* kCollapsed = "collapsed";
};

/// What a sweep file says of a metric beside its place.
struct MetricKind {
  std::optional<bool> higher_is_better;
  bool has_cases = false;
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
  std::vector<MetricKind> kinds = {};  ///< Of each metric.
  std::vector<GridAxis> axes = {};     ///< Of the grid.
  std::map<std::string, std::vector<std::size_t>> points =
      {};  ///< Of its variants: where they lie.
};

/// Mean and standard deviation (n - 1) of a metric over the seeds of a variant. Collapsed runs are
/// counted apart: a mean with them is of two different things, one without them flatters.
struct Summary {
  std::string variant;
  struct Cell {
    std::size_t n = 0;  ///< Runs that have the metric and did not collapse.
    double mean = 0;
    double sd = 0;                           ///< Defined for two runs or more.
    std::vector<double> collapsed = {};      ///< The metric of the runs that did.
    std::optional<double> mean_of_all = {};  ///< With them; empty when none collapsed.
  };
  std::vector<Cell> metrics;
};

/// One entry per variant, in the order of the rows.
std::vector<Summary> summarise(const Table& table);

/// What was published of a variant; empty when nothing was.
std::optional<double> published(const Table& table,
                                const std::string& metric,
                                const std::string& variant);

/// "0.8123 ± 0.0045", "0.8123" for one run, "–" for none; where runs collapsed followed by "; 2
/// collapsed: 0, 0.01; all: 0.5".
std::string text_of(const Summary::Cell& cell);

/// variant,seed,state,METRICS,PARAMS,MODELS,seconds,note; numbers as they read back exactly.
std::string to_csv(const Table& table);

/// A table for people: the variants with their labels, and of each metric mean and standard
/// deviation over seeds beside the published number where there is one.
report::Table summary_table(const Table& table);

/// A table for people: every run.
report::Table run_table(const Table& table);

/// How means are to be read, and which runs collapsed, have a doubtful threshold or could not be
/// judged.
std::vector<std::string> summary_notes(const Table& table);

/// "Published numbers: SOURCE. ..."; empty when the sweep names none.
std::string published_note(const Table& table);

/// All tables, those of `comparison` (comparison_sections) among them, and what the numbers were
/// measured on.
std::string to_markdown(const Table& table, const std::vector<report::Section>& comparison = {});

}  // namespace mito::sweep
