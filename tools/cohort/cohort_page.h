#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tools/cohort/outcome_table.h"
#include "tools/cohort/status.h"

namespace mito::cohort {

/// The page of all slides of a run: one file that needs no network, with thumbnails, counts,
/// grades, states and messages. `status` and `table` are those of `out`. `link`: the address of the
/// page of the slide of this number, by the order of the run; empty: it has none.
std::string cohort_page(const std::filesystem::path& out,
                        const CohortStatus& status,
                        const CohortTable& table,
                        const std::function<std::string(std::size_t)>& link);

/// The same of slides that no run has worked on.
std::string slides_page(const std::vector<std::string>& names,
                        const std::function<std::string(std::size_t)>& link);

/// Links to run.html in the folders of the slides that have one: for a page that lies in `out`.
std::string cohort_page(const std::filesystem::path& out,
                        const CohortStatus& status,
                        const CohortTable& table);

}  // namespace mito::cohort
