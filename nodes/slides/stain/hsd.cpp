#include "nodes/slides/stain/hsd.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mito::stain {
namespace {

std::array<double, 256> density_table() {
  std::array<double, 256> table{};
  for (int i = 0; i < 256; ++i)
    table[static_cast<std::size_t>(i)] = -std::log(std::clamp(i, 1, 254) / 255.0);
  return table;
}

}  // namespace

Rgb8 rounded(const Triple& rgb) {
  Rgb8 out{};
  for (std::size_t i = 0; i < 3; ++i)
    out[i] = static_cast<std::uint8_t>(std::floor(std::clamp(rgb[i], 0.0, 255.0) + 0.5));
  return out;
}

Triple optical_density(const Rgb8& rgb) {
  static const std::array<double, 256> table = density_table();
  return {table[rgb[0]], table[rgb[1]], table[rgb[2]]};
}

Hsd hsd_from_density(const Triple& density) {
  const double mean = (density[0] + density[1] + density[2]) / 3;
  return {density[0] / mean - 1, (density[1] - density[2]) / (std::numbers::sqrt3 * mean), mean};
}

Triple to_rgb(const Hsd& hsd) {
  const double half = hsd.density / 2;
  const double side = std::numbers::sqrt3 * hsd.cy;
  const auto light = [](double density) { return std::min(255.0, 255 * std::exp(-density)); };
  return {light(hsd.density * (hsd.cx + 1)), light(half * (2 - hsd.cx + side)),
          light(half * (2 - hsd.cx - side))};
}

}  // namespace mito::stain
