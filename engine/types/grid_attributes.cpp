#include "engine/types/grid_attributes.h"

#include <cmath>

#include "engine/core/error.h"

namespace mito {

void put_grid(Record& record, const Grid& grid) {
  record.attributes["grid_scale"] = std::vector<double>{grid.scale_x, grid.scale_y};
  record.attributes["grid_mpp"] = grid.mpp;
  record.attributes["grid_size"] =
      std::vector<double>{static_cast<double>(grid.width), static_cast<double>(grid.height)};
}

Grid get_grid(const Record& record) {
  const auto& scale = record.numbers("grid_scale");
  const auto& size = record.numbers("grid_size");
  if (scale.size() != 2 || size.size() != 2) throw DataError("grid attributes need two numbers");
  return {scale[0], scale[1], record.number("grid_mpp"), std::llround(size[0]),
          std::llround(size[1])};
}

}  // namespace mito
