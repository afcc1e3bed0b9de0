#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/pathology.h"

namespace mito::he_candidates {

struct Params {
  double diameter_um = 25;
  double max_intensity = 0.6;

  static void describe(auto& p, auto&& field) {
    field(
        "diameter_um", p.diameter_um,
        {.unit = Unit::Micron,
         .range = {1, 250},
         .origin = Origin::Paper,
         .doc = "Diameter d of an average tumour cell (Sec. V-B; 100 px): candidates are more than "
                "d/2 apart."});
    field("max_intensity", p.max_intensity,
          {.unit = Unit::Intensity,
           .range = {0, 1},
           .origin = Origin::Paper,
           .doc = "Threshold t on the mean RGB intensity of a candidate's centre (Sec. V-B)."});
  }
};

/// A candidate as a pixel of the analysis grid.
struct Spot {
  std::int64_t x = 0;
  std::int64_t y = 0;
  int intensity = 0;  ///< R + G + B, 0..765.
  bool operator==(const Spot&) const = default;
};

/// Finds dark, non-overlapping spots in a whole image: the detector of Sec. IV-A, method 5.1.
///
/// Repeatedly takes the darkest pixel left and suppresses the disc of radius `diameter_px` / 2
/// around it, until no pixel with mean intensity up to `max_intensity` remains. Ties are broken by
/// a hash of the position, so the result is a pure function of the pixels and of where they lie.
///
/// `rgb` is [area.height][area.width][3]; `tissue`, one byte per pixel, is empty for "everywhere".
/// Returns positions in the coordinates of `area`, darkest first. Throws DataError when a buffer
/// does not match `area`.
std::vector<Spot> find_all(std::span<const std::uint8_t> rgb,
                           const Rect& area,
                           std::span<const std::uint8_t> tissue,
                           double diameter_px,
                           double max_intensity);

/// Reads RGB pixels of a rectangle of the analysis grid, white off the slide.
using ReadPixels = std::function<std::vector<std::uint8_t>(const Rect&)>;

/// The candidates of find_all over the whole slide that lie in the core of `tile`, whatever the
/// tiling: method 5.2. Looks at the tile's own halo first; where that cannot decide, calls `read`
/// for the surroundings of what is left, with a halo twice as large each time.
///
/// Throws DataError when the pixel buffer does not match the tile, or naming the tile when 16
/// doublings decide nothing.
std::vector<Candidate> detect(const Tile& tile,
                              const TissueMask& mask,
                              const ReadPixels& read,
                              const Params& params);

}  // namespace mito::he_candidates
