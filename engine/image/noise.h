#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/types/geometry.h"

namespace mito::image {

/// Smooth value noise in [0, 1] over the plane: a pure function of seed, channel and position, so
/// that tiles drawn apart fit together. Philox numbers on a square lattice, blended between.
class Noise {
 public:
  /// `wavelength_um`: distance of the lattice points.
  Noise(std::uint64_t seed, std::uint32_t channel, double wavelength_um);

  double at(double x_um, double y_um) const;
  /// at() for the pixels of `area`, row major; pixel x lies at x * mpp um.
  std::vector<float> fill(const Rect& area, double mpp) const;
  /// at() for points that lie close together, as the pixels of a turned or warped tile do. Builds
  /// the lattice of their bounding box; so far as float goes, each value depends on its own point
  /// alone. Throws std::invalid_argument when the lengths differ.
  void fill(std::span<const double> xs_um,
            std::span<const double> ys_um,
            std::span<float> out) const;

 private:
  double corner(std::int64_t x, std::int64_t y) const;
  std::uint64_t seed_;
  std::uint32_t channel_;
  double wavelength_;
};

}  // namespace mito::image
