#pragma once
#include <cstdint>
#include <vector>

namespace mito::tiff {

/// A decoded image, over white where it is transparent.
struct Picture {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<std::uint8_t> rgb;      ///< [height][width][3].
  std::vector<std::uint8_t> scanned;  ///< [height][width], 0 where transparent; empty: all is 1.
};

}  // namespace mito::tiff
