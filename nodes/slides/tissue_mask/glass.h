#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/slide/slide.h"
#include "nodes/slides/tissue_mask/tissue_mask.h"

namespace mito::tissue_mask {

/// What is seen of each mask pixel: a square of kTexture x kTexture finer pixels. Of a square that
/// the edge of the tissue cuts, the brightest kClear of them tell whether most of it is glass.
struct View {
  Grid grid;                         ///< The mask's.
  std::vector<std::uint8_t> rgb;     ///< [height][width][3], means.
  std::vector<std::uint8_t> bright;  ///< [height][width][3], means of the brightest kClear.
  std::vector<float> spread;         ///< [height][width], sd of the mean of R, G and B.
  std::vector<float> even;           ///< [height][width], the same of the brightest kClear.
  std::vector<std::uint8_t> known;   ///< [height][width], 1 = at least half of it was scanned.
  bool resolved = true;  ///< The slide's own pixels are fine enough for `spread` to mean something.
};

inline constexpr int kTexture = 4;
inline constexpr std::size_t kClear = 6;  // of 16

/// Reads `slide` at a quarter of the mask's um per pixel, band by band.
View look_at(const Slide& slide, const Grid& grid);

/// The colour of clean glass: the brightest mode of bright, even pixels. Nothing when the slide
/// has no glass. Method 2.1.
std::optional<std::array<double, 3>> white_point(const View& view);

/// Tissue is every scanned pixel that is neither pen nor glass. Glass is bright, nearly without
/// colour and even, measured against the slide's own white point; no threshold lies between two
/// kinds of tissue, so what one half of the tissue looks like never decides about the other. A
/// slide without glass is tissue everywhere. Method 2.1, ADR 0018.
TissueMask by_glass(const View& view, const Params& params);

}  // namespace mito::tissue_mask
