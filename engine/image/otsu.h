#pragma once
#include <cstdint>
#include <span>

namespace mito::image {

/// Otsu's threshold t of a histogram: the classes are v <= t and v > t, and t is the smallest value
/// with the largest between-class variance. A histogram with one occupied bin gives that bin (the
/// upper class is empty), an empty histogram 0. Method 2.1b.
int otsu_threshold(std::span<const std::int64_t> histogram);

}  // namespace mito::image
