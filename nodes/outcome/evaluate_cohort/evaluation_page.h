#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/report/page.h"
#include "engine/types/cohort_table.h"
#include "nodes/outcome/evaluate_cohort/measured.h"

namespace mito::evaluate_cohort {

/// "1 mitosis", "2 mitoses".
std::string counted(std::int64_t count, std::string_view one, std::string_view many);

/// What evaluation.html shows.
struct Findings {
  std::string data_set;  ///< Empty: nobody said what it is called.
  std::string model;     ///< Digest; empty: not known.
  std::string warning;   ///< What makes the numbers too good; empty: nothing is known that does.
  double threshold = 0;
  /// Method 10.5: what the numbers were measured on, as names and texts.
  std::vector<std::pair<std::string, std::string>> flags;
  std::vector<Group> groups;  ///< The total first.
  std::vector<CurveRow> curve;
  std::vector<stats::FrocPoint> froc;
  stats::Calibration calibration;
  std::vector<CohortGroup> data;  ///< Of the whole study; empty when it is not known.
  std::optional<report::Section> mistakes = {};  ///< As pictures.
};

/// The report of a study for people: F1 with its interval, the table by group, what was missed and
/// what was false as pictures, F1 against the threshold with its interval (Fig. 7), FROC and
/// calibration, the four rules, the data (Table I), and, folded, cases and slides and what was
/// measured on what.
report::Page evaluation_page(const Findings& findings);

}  // namespace mito::evaluate_cohort
