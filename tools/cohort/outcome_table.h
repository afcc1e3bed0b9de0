#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tools/cohort/status.h"

namespace mito::cohort {

/// What the slides of a run came to: a row per slide, in the order of the run, with the columns
/// `header`. Of what a slide has not, the field is empty.
struct CohortTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<bool> is_number;  ///< Per column.
};

/// Reads result.json and counting.json of all slides of `status`, which is that of `out`. Throws
/// DataError when slides were not all done by one pipeline with one set of parameters and inputs,
/// one model and one threshold, unless `mixed`.
CohortTable read_table(const std::filesystem::path& out, const CohortStatus& status, bool mixed);

std::string to_csv(const CohortTable& table);
std::string to_json(const CohortTable& table);

}  // namespace mito::cohort
