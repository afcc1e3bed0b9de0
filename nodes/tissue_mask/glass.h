#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/slide/slide.h"
#include "nodes/tissue_mask/tissue_mask.h"

namespace mito::tissue_mask {

/// What is seen of each mask pixel: the colour and the texture of a square of kTexture x kTexture
/// finer pixels. Squares of which less than half was scanned are dark and not scanned.
struct View {
  Grid grid;                        ///< The mask's.
  std::vector<float> rgb;           ///< [height][width][3], means of 0..255.
  std::vector<float> spread;        ///< [height][width], sd of the mean of R, G and B.
  std::vector<std::uint8_t> known;  ///< [height][width], 1 = scanned.
  bool resolved = true;  ///< The slide's own pixels are fine enough for `spread` to mean something.
};

inline constexpr int kTexture = 4;

/// Reads `slide` at a quarter of the mask's um per pixel, band by band.
View look_at(const Slide& slide, const Grid& grid);

/// The colour of clean glass: the brightest mode of bright, even pixels. Nothing when the slide
/// has no glass. METHODS 2.1.
std::optional<std::array<double, 3>> white_point(const View& view);

/// Tissue is every scanned pixel that is neither pen nor glass. Glass is bright, nearly without
/// colour and even, measured against the slide's own white point; no threshold lies between two
/// kinds of tissue, so what one half of the tissue looks like never decides about the other. A
/// slide without glass is tissue everywhere. METHODS 2.1, ADR 0018.
TissueMask by_glass(const View& view, const Params& params);

}  // namespace mito::tissue_mask
