#pragma once
#include "engine/report/page.h"
#include "tools/sweep/table.h"

namespace mito::sweep {

/// sweep.html: the table of the variants beside what was published, a figure of each metric and
/// each chart, what the numbers were measured on, and all runs.
report::Page sweep_page(const Table& table);

}  // namespace mito::sweep
