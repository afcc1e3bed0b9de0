#include "nodes/detector/augmentation/stain_exchange.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::image {
namespace {

constexpr double kGlass = 0.1;            // density
constexpr double kMostStretch = 2;        // and at least one half
constexpr std::int64_t kFewPixels = 512;  // of tissue: a smaller sample says little of a stain

const std::array<double, 256>& densities() {
  static const std::array<double, 256> kTable = [] {
    std::array<double, 256> out{};
    for (std::size_t v = 0; v < out.size(); ++v)
      out[v] = -std::log(std::max(static_cast<double>(v), 1.0) / 255);
    return out;
  }();
  return kTable;
}

/// What becomes of every value of one channel.
std::array<float, 256> table_of(double mean, double sd, double new_mean, double new_sd) {
  const double stretch = sd > 0 ? std::clamp(new_sd / sd, 1 / kMostStretch, kMostStretch) : 1.0;
  std::array<float, 256> out{};
  for (std::size_t v = 0; v < out.size(); ++v) {
    const double density = densities()[v];
    const double moved = (density - mean) * stretch + new_mean;
    const double weight = std::min(1.0, density / kGlass);
    out[v] = static_cast<float>(std::exp(-std::max(0.0, density + weight * (moved - density))));
  }
  return out;
}

}  // namespace

DensityMoments density_moments(std::span<const std::uint8_t> rgb) {
  const auto& table = densities();
  std::array<double, 3> sum{};
  std::array<double, 3> squares{};
  DensityMoments out;
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    const std::array<double, 3> density{table[rgb[i]], table[rgb[i + 1]], table[rgb[i + 2]]};
    if (density[0] + density[1] + density[2] < 3 * kGlass) continue;
    ++out.pixels;
    for (std::size_t c = 0; c < 3; ++c) {
      sum[c] += density[c];
      squares[c] += density[c] * density[c];
    }
  }
  if (out.pixels == 0) return out;
  const auto n = static_cast<double>(out.pixels);
  for (std::size_t c = 0; c < 3; ++c) {
    out.mean[c] = sum[c] / n;
    out.sd[c] = std::sqrt(std::max(0.0, squares[c] / n - out.mean[c] * out.mean[c]));
  }
  return out;
}

void exchange_stain(std::span<const std::uint8_t> rgb,
                    const DensityMoments& own,
                    const DensityMoments& other,
                    double share,
                    std::span<float> out) {
  if (out.size() != rgb.size())
    throw DataError(
        fmt::format("stain exchange: expected room for {} values, got {}", rgb.size(), out.size()));
  if (own.pixels < kFewPixels || other.pixels < kFewPixels) share = 0;
  std::array<std::array<float, 256>, 3> tables{};
  for (std::size_t c = 0; c < 3; ++c) {
    const auto between = [&](double a, double b) { return a + share * (b - a); };
    tables[c] = table_of(own.mean[c], own.sd[c], between(own.mean[c], other.mean[c]),
                         between(own.sd[c], other.sd[c]));
  }
  for (std::size_t i = 0; i < rgb.size(); ++i) out[i] = tables[i % 3][rgb[i]];
}

}  // namespace mito::image
