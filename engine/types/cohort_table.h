#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mito {

/// What a study knows of a slide, or of all slides of a case, beside its pixels
/// (method 1.1, 10.1).
struct CohortRow {
  std::string slide;         ///< Name or file name; empty: the row is about the whole case.
  std::string case_id;       ///< Empty: the row says nothing about the case.
  std::string centre;        ///< Where the slide was made; empty when not said.
  std::string scanner;       ///< What it was scanned with; empty when not said.
  std::optional<int> grade;  ///< Reference mitotic grade, 1 to 3.
  std::optional<double> proliferation;  ///< Reference proliferation score.
  std::string purpose = {};    ///< What it is there for, such as "training"; empty when not said.
  std::string reference = {};  ///< What its truth comes from, such as "PHH3"; empty when not said.
  bool operator==(const CohortRow&) const = default;
};

/// The table of a study, in the order of its file.
struct CohortTable {
  std::string file;  ///< Its name, for messages.
  std::vector<CohortRow> rows;

  /// The row of a slide: one that names it, else one of its case that names no slide. Throws
  /// DataError with the nearest name when there is none.
  const CohortRow& row_of(const std::filesystem::path& slide_file, std::string_view case_id) const;
};

/// Slides that a study has for one purpose, from one place.
struct CohortGroup {
  std::string purpose;
  std::string centre;
  std::string scanner;
  std::string reference;
  std::int64_t cases = 0;   ///< A slide without a case is one of its own.
  std::int64_t slides = 0;  ///< Rows that name a slide.
  bool operator==(const CohortGroup&) const = default;
};

/// The data of a study as the paper's Table I counts them, in the order of the table.
std::vector<CohortGroup> groups_of(const CohortTable& table);

/// Reads a table with a header and the columns `slide` (or `image`) or `case` or both, and any of
/// `centre` (or `center`), `scanner`, `grade`, `proliferation`, `purpose`, `reference`; other
/// columns are ignored. A file without header whose lines are a grade and a number is TUPAC16's
/// training_ground_truth.csv: line k is about TUPAC-TR-<k, three digits> (method 1.1). Throws
/// DataError "FILE:LINE:COLUMN: ...": a row without a name, a slide or case twice, a grade that is
/// not 1..3.
CohortTable read_cohort_table(const std::filesystem::path& file);

}  // namespace mito
