#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/types/cohort_table.h"

namespace mito::study {

/// The paper's Table I: cases and slides by purpose, centre, scanner and reference. What is not
/// known is null.
nlohmann::ordered_json data_json(const std::vector<CohortGroup>& groups);

/// What must be said of an interval over so few cases: resamples of two are these two. Empty for
/// fewer than two, which have none, and from six on.
std::string interval_note(std::size_t cases);

}  // namespace mito::study
