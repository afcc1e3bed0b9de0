#include "engine/image/noise.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/core/random.h"

namespace mito::image {
namespace {

double fade(double t) { return t * t * (3 - 2 * t); }

double blend(double a, double b, double t) { return a + (b - a) * t; }

}  // namespace

Noise::Noise(std::uint64_t seed, std::uint32_t channel, double wavelength_um)
    : seed_(seed), channel_(channel), wavelength_(wavelength_um) {}

double Noise::corner(std::int64_t x, std::int64_t y) const {
  static const std::uint32_t kName = fnv1a("noise");
  return uniform_from(
      philox({static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), channel_, kName},
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

void Noise::fill(std::span<const double> xs_um,
                 std::span<const double> ys_um,
                 std::span<float> out) const {
  if (xs_um.size() != ys_um.size() || xs_um.size() != out.size())
    throw std::invalid_argument("noise: as many x as y and values, please");
  if (out.empty()) return;
  const double scale = 1 / wavelength_;
  const auto [west, east] = std::minmax_element(xs_um.begin(), xs_um.end());
  const auto [north, south] = std::minmax_element(ys_um.begin(), ys_um.end());
  const auto left = static_cast<std::int64_t>(std::floor(*west * scale));
  const auto top = static_cast<std::int64_t>(std::floor(*north * scale));
  const auto columns = static_cast<std::int64_t>(std::floor(*east * scale)) - left + 2;
  const auto rows = static_cast<std::int64_t>(std::floor(*south * scale)) - top + 2;
  std::vector<float> corners(static_cast<std::size_t>(columns * rows));
  for (std::int64_t y = 0; y < rows; ++y)
    for (std::int64_t x = 0; x < columns; ++x)
      corners[static_cast<std::size_t>(y * columns + x)] =
          static_cast<float>(corner(left + x, top + y));
  for (std::size_t i = 0; i < out.size(); ++i) {
    // Below the lattice's first column and row there is nothing, so truncation is floor here.
    const double u = xs_um[i] * scale - static_cast<double>(left);
    const double v = ys_um[i] * scale - static_cast<double>(top);
    const auto iu = static_cast<std::int64_t>(u);
    const auto iv = static_cast<std::int64_t>(v);
    const auto fu = static_cast<float>(u - static_cast<double>(iu));
    const auto fv = static_cast<float>(v - static_cast<double>(iv));
    const float tu = fu * fu * (3 - 2 * fu);
    const float tv = fv * fv * (3 - 2 * fv);
    const float* from = corners.data() + iv * columns + iu;
    const float* next = from + columns;
    const float above = from[0] + (from[1] - from[0]) * tu;
    const float below = next[0] + (next[1] - next[0]) * tu;
    out[i] = above + (below - above) * tv;
  }
}

}  // namespace mito::image
