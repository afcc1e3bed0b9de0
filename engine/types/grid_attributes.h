#pragma once
#include "engine/core/record.h"
#include "engine/types/geometry.h"

namespace mito {

/// A grid as the attributes grid_scale, grid_mpp and grid_size of a stored payload.
void put_grid(Record& record, const Grid& grid);
/// Throws DataError when an attribute is missing or has another length.
Grid get_grid(const Record& record);

}  // namespace mito
