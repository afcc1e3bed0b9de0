#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/config/value.h"
#include "engine/core/error.h"

namespace mito::sweep {

/// A chart of one curve per variant, and where a run's folder has its points.
struct Chart {
  std::string name;
  std::string title;  ///< The name where the file says nothing else.
  std::string file;   ///< A CSV, relative to the folder of the run.
  std::string x;      ///< Columns.
  std::string y;
  std::string low;  ///< Columns of the interval around y; both empty: none.
  std::string high;
  std::vector<std::pair<std::string, std::string>>
      where;  ///< Columns and the texts that rows have.
};

/// Numbers of somebody else, to stand beside one's own, never as one's own (method 10.7).
struct Published {
  std::string source;
  std::map<std::string, std::map<std::string, double>> values;  ///< By metric, then variant.
};

/// Columns that describe the variants in the words of the paper.
struct Labels {
  std::vector<std::string> columns;                                 ///< In order of first mention.
  std::map<std::string, std::map<std::string, std::string>> texts;  ///< By variant, then column.
};

/// What a sweep file says of its report beside the metrics: `baseline`, `figures`, `published`,
/// `labels`.
struct ReportKeys {
  std::string baseline = {};  ///< The variant that the others are compared with; empty: none.
  std::vector<Chart> charts = {};
  Published published = {};
  Labels labels = {};
};

/// Reads these keys of a sweep that has `variants` and `metrics`. Problems go to `out` with their
/// places; what could be read is returned.
ReportKeys read_report_keys(const config::Value& root,
                            const std::vector<std::string>& variants,
                            const std::vector<std::string>& metrics,
                            Diagnostics& out);

}  // namespace mito::sweep
