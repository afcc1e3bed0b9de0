#pragma once
#include "engine/report/page.h"
#include "tools/sweep/comparison.h"
#include "tools/sweep/table.h"

namespace mito::sweep {

/// sweep.html: first how far the variants are from the baseline, a figure of each metric of which
/// the sweep file says what is better (else of all) and the numbers; then the table of the variants
/// beside what was published, a figure of each metric and each chart, a heat map of each metric
/// over the grid, the ranks; folded, what the numbers were measured on and all runs.
report::Page sweep_page(const Table& table, const Comparison& comparison = {});

}  // namespace mito::sweep
