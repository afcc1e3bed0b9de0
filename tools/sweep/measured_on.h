#pragma once
#include "engine/report/page.h"
#include "tools/sweep/table.h"

namespace mito::sweep {

/// What the numbers of each variant were measured on, as the files that they are read from say
/// (method 10.5); numbers of one file, and variants, of which the same is said share a row.
report::Section measured_on(const Table& table);

}  // namespace mito::sweep
