#pragma once
#include <cstdint>
#include <vector>

#include "engine/types/geometry.h"

namespace mito::synthetic_slide {

/// Smooth value noise in [0, 1] over the plane: a pure function of seed, channel and position, so
/// that tiles drawn apart fit together. Philox numbers on a square lattice, blended between.
class Noise {
 public:
  /// `wavelength_um`: distance of the lattice points.
  Noise(std::uint64_t seed, std::uint32_t channel, double wavelength_um);

  double at(double x_um, double y_um) const;
  /// at() for the pixels of `area`, row major; pixel x lies at x * mpp um.
  std::vector<float> fill(const Rect& area, double mpp) const;

 private:
  double corner(std::int64_t x, std::int64_t y) const;
  std::uint64_t seed_;
  std::uint32_t channel_;
  double wavelength_;
};

}  // namespace mito::synthetic_slide
