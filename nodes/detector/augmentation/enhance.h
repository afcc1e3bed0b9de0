#pragma once
#include <span>

namespace mito::image {

// Operator H of method 6.3, with the semantics of PIL's ImageEnhance in float: away from a
// degenerate image or towards it, out = degenerate + factor (in - degenerate), clipped to [0, 1].
// Patches are three planes, [3][pixel], changed in place; factor 1 leaves them as they are. Each
// throws DataError when the planes differ in size or the factor is negative.

/// Degenerate: the grey .299 R + .587 G + .114 B of each pixel.
void enhance_colour(std::span<float> planes, double factor);
/// Degenerate: the mean of that grey over the patch.
void enhance_contrast(std::span<float> planes, double factor);
/// Degenerate: black.
void enhance_brightness(std::span<float> planes, double factor);

}  // namespace mito::image
