#pragma once
#include <span>

namespace mito::image {

/// What is left of a square patch, three planes [3][size][size] in [0, 1], after JPEG compression
/// (baseline, colour at half resolution) with a quality of 1 to 100: method 14. Changed in place;
/// the values become multiples of 1/255. Throws DataError for another quality or size.
void compress_jpeg(std::span<float> planes, int size, int quality);

}  // namespace mito::image
