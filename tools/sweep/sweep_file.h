#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/value.h"
#include "engine/core/error.h"
#include "tools/sweep/report_keys.h"

namespace mito::sweep {

/// One value that a sweep gives: NODE.PARAM or an input of the pipeline.
struct Setting {
  std::string name;
  SourcePos pos;
  config::Value value;
};

/// A pipeline file that the sweep names, and which of its presets.
struct Base {
  std::filesystem::path pipeline;  ///< Found from the folder of the sweep file.
  SourcePos pos;
  std::string preset;  ///< Empty: none.
  SourcePos preset_pos;
};

/// One way to run a pipeline: a named set of values, or a point of the grid.
struct Variant {
  std::string name;
  SourcePos pos;
  std::vector<Setting> settings;
  std::optional<Base> base;             ///< Instead of that of the sweep.
  std::vector<std::size_t> point = {};  ///< Of the grid: its value on each axis.
};

/// A parameter that the grid varies.
struct GridAxis {
  std::string name;                 ///< As the names of the points have it.
  std::vector<std::string> values;  ///< As the names of the points have them.
};

/// What runs once, before the variants, and writes files that they and later steps take as inputs.
struct Step {
  std::string name;  ///< Its folder in the output folder of the sweep; "$NAME/" stands for it.
  Base base;
  std::vector<Setting> settings;
};

/// Seeds that every variant is repeated with, and the parameters that take them.
struct Seeds {
  std::vector<std::int64_t> values;                       ///< Empty: every variant runs once.
  std::vector<std::pair<std::string, SourcePos>> params;  ///< NODE.PARAM or input, with its place.
};

/// What each case gives to a metric that is a ratio of sums over cases, and where a run's folder
/// has it: a CSV whose rows of one case are added up.
struct CaseCounts {
  std::string file;              ///< Relative to the folder of the run; empty: none is named.
  std::string by = "case";       ///< The column that names the case.
  std::vector<std::string> top;  ///< Columns whose sum is divided; one that is named twice counts
  std::vector<std::string> bottom;  ///< twice. By the sum of these.
};

/// A number that goes into the table, and where a run's folder has it.
struct Metric {
  std::string name;
  SourcePos pos;
  std::string file;             ///< Relative to the folder of the run.
  std::vector<std::string> at;  ///< JSON: keys and indices from the top; CSV: one column.
  std::string row_column;       ///< CSV: the row is the one that has, in this column,
  std::string row_value;        ///< this text. An empty column: the file has one row only.
  std::optional<bool> higher_is_better = {};  ///< Empty: the file does not say.
  CaseCounts cases = {};
};

/// A sweep file, checked for all that it says by itself; what it says of the pipeline is not.
struct SweepFile {
  std::filesystem::path file;
  std::string title;
  Base base;
  std::vector<Step> prepare;    ///< In the order in which they run.
  std::vector<Setting> common;  ///< `set`: of all variants.
  std::vector<Variant> variants;
  std::vector<GridAxis> axes;  ///< Of the grid; the last one varies fastest.
  Seeds seeds;
  std::vector<Metric> metrics;
  ReportKeys report;
  std::vector<std::string> presets;  ///< Their names.

  const Base& base_of(const Variant& variant) const { return variant.base ? *variant.base : base; }
  /// Null when `prepare` has no step of this name.
  const Step* step(std::string_view name) const;
};

/// The name of a step that is the only one and has none of its own.
inline constexpr const char* kPrepared = "prepared";

/// Reads a sweep file (docs/sweeps.md). `preset` names one of its `presets:`, whose keys replace
/// those of the file (those of `set` are added); empty: none. Problems go to `out` with their
/// places; what could be read is returned.
SweepFile read_sweep(const std::filesystem::path& file,
                     Diagnostics& out,
                     const std::string& preset = {});

/// Is it a sweep file: a map that has `variants`, a `grid`, or `base` and `metrics`, but no
/// `nodes`? Also one with mistakes; false for what is no YAML or cannot be read.
bool is_sweep(const std::filesystem::path& file);

/// The same from text.
SweepFile parse_sweep(const std::string& text,
                      const std::string& file,
                      Diagnostics& out,
                      const std::string& preset = {});

}  // namespace mito::sweep
