#pragma once
#include <array>
#include <cstdint>

namespace mito::stain {

/// One pixel: R, G, B.
using Rgb8 = std::array<std::uint8_t, 3>;
/// R, G, B from 0 to 255, not rounded, or another triple of numbers.
using Triple = std::array<double, 3>;

/// floor(clip(v, 0, 255) + 0.5) of each value (method 0.3).
Rgb8 rounded(const Triple& rgb);

/// A colour in the hue-saturation-density model (method 3.1): the chromaticity (cx, cy) does not
/// change with the amount of a stain, the density is proportional to it.
struct Hsd {
  double cx = 0;
  double cy = 0;
  double density = 0;  ///< Mean of the three optical densities, natural logarithm.
};

/// Densest colour there is: -ln(1 / 255).
inline constexpr double kMaxDensity = 5.54126354515843;

/// -ln(I / 255) of each channel, clipped to 1..254 first.
Triple optical_density(const Rgb8& rgb);

Hsd hsd_from_density(const Triple& density);

inline Hsd to_hsd(const Rgb8& rgb) { return hsd_from_density(optical_density(rgb)); }

/// The way back, clipped at 255.
Triple to_rgb(const Hsd& hsd);

}  // namespace mito::stain
