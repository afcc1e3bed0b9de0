#include "nodes/slides/stain/lab.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/image/hed.h"

namespace mito::stain {
namespace {

constexpr image::Mat3 kXyzFromRgb{{{0.412453, 0.357580, 0.180423},
                                   {0.212671, 0.715160, 0.072169},
                                   {0.019334, 0.119193, 0.950227}}};
constexpr Triple kWhite{0.95047, 1.0, 1.08883};
constexpr double kMinSd = 1e-6;

double linear_from_srgb(double v) {
  return v > 0.04045 ? std::pow((v + 0.055) / 1.055, 2.4) : v / 12.92;
}

double srgb_from_linear(double v) {
  return v > 0.0031308 ? 1.055 * std::pow(v, 1 / 2.4) - 0.055 : 12.92 * v;
}

std::array<double, 256> linear_table() {
  std::array<double, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) table[i] = linear_from_srgb(static_cast<double>(i) / 255);
  return table;
}

Triple times(const image::Mat3& m, const Triple& v) {
  Triple out{};
  for (std::size_t i = 0; i < 3; ++i) out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
  return out;
}

Triple lab_from_linear(const Triple& linear) {
  Triple f = times(kXyzFromRgb, linear);
  for (std::size_t i = 0; i < 3; ++i) {
    const double t = f[i] / kWhite[i];
    f[i] = t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116;
  }
  return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

}  // namespace

Triple lab_from_rgb(const Triple& rgb) {
  return lab_from_linear(
      {linear_from_srgb(rgb[0]), linear_from_srgb(rgb[1]), linear_from_srgb(rgb[2])});
}

Triple rgb_from_lab(const Triple& lab) {
  static const image::Mat3 rgb_from_xyz = image::inverse(kXyzFromRgb);
  const double y = (lab[0] + 16) / 116;
  Triple xyz{lab[1] / 500 + y, y, std::max(0.0, y - lab[2] / 200)};
  for (std::size_t i = 0; i < 3; ++i) {
    const double f = xyz[i];
    xyz[i] = kWhite[i] * (f > 0.2068966 ? f * f * f : (f - 16.0 / 116) / 7.787);
  }
  Triple rgb = times(rgb_from_xyz, xyz);
  for (double& v : rgb) v = std::clamp(srgb_from_linear(v), 0.0, 1.0);
  return rgb;
}

Triple to_lab(const Rgb8& rgb) {
  static const std::array<double, 256> linear = linear_table();
  return lab_from_linear({linear[rgb[0]], linear[rgb[1]], linear[rgb[2]]});
}

LabStatistics lab_statistics(std::span<const Rgb8> pixels) {
  if (pixels.empty()) throw DataError("there are no pixels to take colour statistics of");
  const auto n = static_cast<double>(pixels.size());
  LabStatistics out;
  for (const Rgb8& pixel : pixels) {
    const Triple lab = to_lab(pixel);
    for (std::size_t i = 0; i < 3; ++i) out.mean[i] += lab[i] / n;
  }
  for (const Rgb8& pixel : pixels) {
    const Triple lab = to_lab(pixel);
    for (std::size_t i = 0; i < 3; ++i) {
      const double d = lab[i] - out.mean[i];
      out.sd[i] += d * d / n;
    }
  }
  for (double& sd : out.sd) sd = std::sqrt(sd);
  return out;
}

Triple transfer_lab(const Triple& lab, const LabStatistics& source, const LabStatistics& target) {
  Triple out{};
  for (std::size_t i = 0; i < 3; ++i) {
    const bool shift_only = source.sd[i] < kMinSd || target.sd[i] < kMinSd;
    const double scale = shift_only ? 1 : target.sd[i] / source.sd[i];
    out[i] = (lab[i] - source.mean[i]) * scale + target.mean[i];
  }
  return rgb_from_lab(out);
}

}  // namespace mito::stain
