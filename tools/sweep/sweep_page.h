#pragma once
#include <vector>

#include "engine/report/page.h"
#include "tools/sweep/table.h"

namespace mito::sweep {

/// sweep.html: the table of the variants beside what was published, a figure of each metric and
/// each chart, a heat map of each metric over the grid, `comparison` (comparison_sections), what
/// the numbers were measured on, and all runs.
report::Page sweep_page(const Table& table, const std::vector<report::Section>& comparison = {});

}  // namespace mito::sweep
