#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/geometry.h"

namespace mito::image {

/// What of a stained picture is correlated with the picture of another stain (method 11.1).
struct SignalParams {
  std::string signal = "haematoxylin";
  std::string he_matrix = "HED";
  std::string phh3_matrix = "HDX";
  double blur_px = 8;

  static void describe(auto& p, auto&& field) {
    field("signal", p.signal,
          {.choices = {"haematoxylin", "od_sum", "grey_inverted", "gradient"},
           .doc = "What is correlated, after its Gaussian blur was taken off: the amount of "
                  "haematoxylin, which both slides carry, the sum of the optical densities, the "
                  "inverted grey value, or the length of the grey value's gradient."});
    field("he_matrix", p.he_matrix,
          {.choices = {"HED", "HDX", "raw2001"},
           .doc = "Stain matrix of the H&E slide for signal haematoxylin."});
    field("phh3_matrix", p.phh3_matrix,
          {.choices = {"HDX", "HED", "raw2001"},
           .doc = "Stain matrix of the PHH3 slide for signal haematoxylin."});
    // The grid it is counted on is that of the correlation, not the analysis grid.
    field("blur_px", p.blur_px,
          {.unit = Unit::Pixel,
           .range = {0.5, 64},
           .doc = "Sigma of the Gaussian blur that is taken off, in pixels of the correlation."});
  }
};

/// A single-channel picture in double precision, [height][width].
struct Plane {
  int width = 0;
  int height = 0;
  std::vector<double> values;
};

/// Turns RGB pixels of one slide into what is correlated.
class Signal {
 public:
  /// `matrix` is HED, HDX or raw2001, used by signal haematoxylin only. Throws DataError otherwise.
  Signal(const std::string& signal, const std::string& matrix, double blur_px);
  static Signal of_he(const SignalParams& params);
  static Signal of_phh3(const SignalParams& params);

  /// Pixels around a picture that its own signal depends on: three sigmas of the blur.
  int margin() const;

  /// Signal of `rgb` [height][width][3] minus its blur; the picture is mirrored at its border.
  /// Amounts are those of `physical` (method 4.2), but 0 counts as 1: one black pixel of a brown
  /// spot would else outweigh all nuclei of a tile.
  Plane of(std::span<const std::uint8_t> rgb, int width, int height) const;

 private:
  enum class Kind : std::uint8_t { Haematoxylin, OpticalDensity, InvertedGrey, Gradient };
  Plane raw(std::span<const std::uint8_t> rgb, int width, int height) const;

  Kind kind_;
  std::string matrix_;
  double blur_px_;
};

/// Reads RGB pixels [height][width][3] of a rectangle of a grid; white off the slide.
using ReadPixels = std::function<std::vector<std::uint8_t>(const Rect&)>;

/// The signal of `area`, a pure function of each pixel's surroundings: not of the area.
Plane signal_in(const ReadPixels& read, const Rect& area, const Signal& signal);

/// A slide seen through a map: pixel (x, y) of `area` shows place `source_from_area` (x, y) of the
/// grid that `read` reads, bilinear. Where the map is a shift by whole pixels, the slide's own
/// pixels are used. RGB [height][width][3].
std::vector<std::uint8_t> pixels_through(const ReadPixels& read,
                                         const Affine& source_from_area,
                                         const Rect& area);

/// The signal of a slide seen through a map.
Plane signal_through(const ReadPixels& read,
                     const Affine& source_from_area,
                     const Rect& area,
                     const Signal& signal);

}  // namespace mito::image
