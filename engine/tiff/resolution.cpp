#include "engine/tiff/resolution.h"

#include "engine/core/error.h"
#include "engine/tiff/handle.h"

namespace mito::tiff {

std::optional<Resolution> resolution_of(double per_unit_x,
                                        double per_unit_y,
                                        std::string_view unit) {
  const double um = unit == "centimeter" ? 1e4 : unit == "inch" ? 25400.0 : 0.0;
  if (um == 0 || !(per_unit_x > 0) || !(per_unit_y > 0)) return std::nullopt;
  const Resolution found{um / per_unit_x, um / per_unit_y};
  const auto plausible = [](double mpp) { return mpp >= 0.01 && mpp <= 20; };
  if (!plausible(found.mpp_x) || !plausible(found.mpp_y)) return std::nullopt;
  return found;
}

std::optional<Resolution> read_resolution(const std::filesystem::path& file) {
  try {
    const Handle tiff(file, "r");
    float x = 0;
    float y = 0;
    std::uint16_t unit = 0;
    if (TIFFGetField(tiff.get(), TIFFTAG_XRESOLUTION, &x) == 0) return std::nullopt;
    if (TIFFGetField(tiff.get(), TIFFTAG_YRESOLUTION, &y) == 0) y = x;
    TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_RESOLUTIONUNIT, &unit);
    return resolution_of(x, y,
                         unit == RESUNIT_CENTIMETER ? "centimeter"
                         : unit == RESUNIT_INCH     ? "inch"
                                                    : "");
  } catch (const DataError&) {
    return std::nullopt;  // no TIFF: it says nothing about its resolution
  }
}

}  // namespace mito::tiff
