#include "engine/tiff/resolution.h"

namespace mito::tiff {

std::optional<Resolution> resolution_of(double per_unit_x,
                                        double per_unit_y,
                                        std::string_view unit) {
  const double um = unit == "centimeter" ? 1e4 : unit == "inch" ? 25400.0 : 0.0;
  if (um == 0 || !(per_unit_x > 0) || !(per_unit_y > 0)) return std::nullopt;
  return Resolution{um / per_unit_x, um / per_unit_y};
}

}  // namespace mito::tiff
