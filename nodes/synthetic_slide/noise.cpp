#include "nodes/synthetic_slide/noise.h"

#include <cmath>

#include "engine/core/random.h"

namespace mito::synthetic_slide {
namespace {

double fade(double t) { return t * t * (3 - 2 * t); }

double blend(double a, double b, double t) { return a + (b - a) * t; }

}  // namespace

Noise::Noise(std::uint64_t seed, std::uint32_t channel, double wavelength_um)
    : seed_(seed), channel_(channel), wavelength_(wavelength_um) {}

double Noise::corner(std::int64_t x, std::int64_t y) const {
  return uniform_from(philox(
      {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), channel_, fnv1a("noise")},
      {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32U)})[0]);
}

double Noise::at(double x_um, double y_um) const {
  const double x = x_um / wavelength_;
  const double y = y_um / wavelength_;
  const auto ix = static_cast<std::int64_t>(std::floor(x));
  const auto iy = static_cast<std::int64_t>(std::floor(y));
  const double tx = fade(x - std::floor(x));
  const double ty = fade(y - std::floor(y));
  return blend(blend(corner(ix, iy), corner(ix + 1, iy), tx),
               blend(corner(ix, iy + 1), corner(ix + 1, iy + 1), tx), ty);
}

std::vector<float> Noise::fill(const Rect& area, double mpp) const {
  const auto lattice = [&](std::int64_t pixel) {
    return static_cast<std::int64_t>(std::floor(static_cast<double>(pixel) * mpp / wavelength_));
  };
  const std::int64_t left = lattice(area.x);
  const std::int64_t top = lattice(area.y);
  const std::int64_t columns = lattice(area.x + area.width - 1) - left + 2;
  const std::int64_t rows = lattice(area.y + area.height - 1) - top + 2;
  std::vector<double> corners(static_cast<std::size_t>(columns * rows));
  for (std::int64_t y = 0; y < rows; ++y)
    for (std::int64_t x = 0; x < columns; ++x)
      corners[static_cast<std::size_t>(y * columns + x)] = corner(left + x, top + y);

  std::vector<float> out(static_cast<std::size_t>(area.width * area.height));
  for (std::int64_t y = 0; y < area.height; ++y) {
    const double v = static_cast<double>(area.y + y) * mpp / wavelength_;
    const double* row = corners.data() + (static_cast<std::int64_t>(std::floor(v)) - top) * columns;
    const double ty = fade(v - std::floor(v));
    for (std::int64_t x = 0; x < area.width; ++x) {
      const double u = static_cast<double>(area.x + x) * mpp / wavelength_;
      const double* from = row + (static_cast<std::int64_t>(std::floor(u)) - left);
      const double tx = fade(u - std::floor(u));
      out[static_cast<std::size_t>(y * area.width + x)] = static_cast<float>(
          blend(blend(from[0], from[1], tx), blend(from[columns], from[columns + 1], tx), ty));
    }
  }
  return out;
}

}  // namespace mito::synthetic_slide
