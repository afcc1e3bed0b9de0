#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/described.h"
#include "engine/types/geometry.h"

namespace mito {

/// By which formula stain amounts S were made from light P in [0, 1]: row vectors, natural logs,
/// S = -ln(P + eps) M^-1 / scale, with max(P, eps) in place of P + eps when `floor_at_eps`
/// (method 4.2).
struct StainRecipe {
  std::string matrix;      ///< HED, HDX, raw2001 or custom.
  std::string convention;  ///< paper, physical, skimage or custom.
  std::array<std::string, 3> stains;
  std::array<std::array<double, 3>, 3> rows{};  ///< M as it was used: stains by R, G, B.
  double eps = 0;
  bool floor_at_eps = false;
  double scale = 1;
  bool clip_negative = false;  ///< Negative amounts were set to 0: there is no exact way back.
  bool operator==(const StainRecipe&) const = default;
};

/// Stain amounts of a tile, core and halo.
struct StainTile {
  Grid grid;
  Rect core;
  std::int64_t halo = 0;
  StainRecipe recipe;
  std::vector<float> amounts;  ///< [core.height + 2 halo][core.width + 2 halo][3].

  Rect area() const { return core.grown(halo); }
};

template <>
struct Payload<StainTile> {
  static constexpr TypeDesc kDesc{"StainTile", 1};
  static void describe(Description<StainTile>& d);
};

}  // namespace mito
