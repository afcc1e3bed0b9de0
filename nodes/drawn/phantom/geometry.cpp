#include <algorithm>
#include <cmath>

#include "nodes/drawn/phantom/section.h"

namespace mito::phantom {
namespace {

// Wavelengths of the local displacement, um.
constexpr double kShortest = 380;
constexpr double kLongest = 1300;

}  // namespace

Geometry::Geometry(const Params& params) : width_(params.width_px), height_(params.height_px) {
  const double mpp = params.mpp;
  const double turn = params.rotation_deg * kTau / 360;
  const double c = std::cos(turn);
  const double s = std::sin(turn);
  const auto w = static_cast<double>(width_);
  const auto h = static_cast<double>(height_);
  // Not a pixel more for a rounding error of a right angle.
  turned_width_ = static_cast<std::int64_t>(std::ceil(std::abs(c) * w + std::abs(s) * h - 1e-6));
  turned_height_ = static_cast<std::int64_t>(std::ceil(std::abs(s) * w + std::abs(c) * h - 1e-6));
  const PointL0 from{(w - 1) / 2 * mpp, (h - 1) / 2 * mpp};
  const PointL0 to{static_cast<double>(turned_width_ - 1) / 2 * mpp,
                   static_cast<double>(turned_height_ - 1) / 2 * mpp};
  // y points down, so counter-clockwise as seen is (x, y) -> (c x + s y, -s x + c y).
  phh3_from_he_ = {c,  s, to.x + params.shift_x_um - c * from.x - s * from.y,
                   -s, c, to.y + params.shift_y_um + s * from.x - c * from.y};
  he_from_phh3_ = inverse(phh3_from_he_);

  // The tissue lies in the middle of what both slides show.
  const double half_x = (c * params.shift_x_um - s * params.shift_y_um) / 2;
  const double half_y = (s * params.shift_x_um + c * params.shift_y_um) / 2;
  middle_ = {from.x - half_x, from.y - half_y};
  half_ = {w * mpp / 2 - std::abs(half_x), h * mpp / 2 - std::abs(half_y)};

  RandomStream random(static_cast<std::uint64_t>(params.seed), "phantom displacement", 0);
  for (Wave& wave : waves_) {
    const double k = kTau / random.uniform(kShortest, kLongest);
    const double angle = random.uniform(0, kTau);
    wave = {k * std::cos(angle), k * std::sin(angle), random.uniform(0, kTau),
            random.uniform(0, kTau)};
  }
  // Each of the five waves adds amplitude^2 / 2 to the mean square of either component.
  amplitude_ = params.displacement_um / std::sqrt(static_cast<double>(waves_.size()));
}

PointL0 Geometry::displacement(double x_um, double y_um) const {
  PointL0 out;
  for (const Wave& wave : waves_) {
    const double at = wave.kx * x_um + wave.ky * y_um;
    out.x += amplitude_ * std::sin(at + wave.phase_x);
    out.y += amplitude_ * std::sin(at + wave.phase_y);
  }
  return out;
}

PointL0 Geometry::section_from_phh3(double x_um, double y_um) const {
  const PointL0 stiff = he_from_phh3_.apply({x_um, y_um});
  const PointL0 local = displacement(stiff.x, stiff.y);
  return {stiff.x + local.x, stiff.y + local.y};
}

PointL0 Geometry::phh3_from_section(double x_um, double y_um) const {
  // The displacement changes slowly, so this settles quickly.
  constexpr int kSteps = 40;
  PointL0 stiff{x_um, y_um};
  for (int i = 0; i < kSteps; ++i) {
    const PointL0 local = displacement(stiff.x, stiff.y);
    const PointL0 next{x_um - local.x, y_um - local.y};
    const double moved = std::hypot(next.x - stiff.x, next.y - stiff.y);
    stiff = next;
    if (moved < 1e-7) break;
  }
  return phh3_from_he_.apply(stiff);
}

}  // namespace mito::phantom
