#pragma once
#include <nlohmann/json.hpp>

#include "engine/types/pathology.h"

namespace mito::run_page {

/// The borders of what the mask calls `kind`, holes among them: polygons as lists x, y, x, y, ...
/// in whole pixels of `grid`, simplified to a pixel of the mask.
nlohmann::ordered_json outlines(const TissueMask& mask, Ground kind, const Grid& grid);

}  // namespace mito::run_page
