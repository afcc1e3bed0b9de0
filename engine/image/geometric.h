#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mito::image {

/// A square RGB patch, [y][x][3], values in [0, 1]. The object is pixel (size / 2, size / 2).
struct Patch {
  int size = 0;
  std::vector<float> values;

  Patch() = default;
  explicit Patch(int side)
      : size(side), values(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3) {}

  float* at(int x, int y) { return values.data() + offset(x, y); }
  const float* at(int x, int y) const { return values.data() + offset(x, y); }
  bool operator==(const Patch&) const = default;

 private:
  std::size_t offset(int x, int y) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(size) +
            static_cast<std::size_t>(x)) *
           3;
  }
};

/// Sides in pixels of the analysis grid (method 6.1): what is cut out, and what the network sees.
inline constexpr int kPatchSize = 128;
inline constexpr int kCropSize = 100;

/// 8-bit RGB [size][size][3] as v / 255. Throws DataError when the buffer has another size.
Patch to_patch(std::span<const std::uint8_t> rgb, int size);

/// `quarter_turns` times 90 degrees counter-clockwise, any integer (method 6.3 R).
Patch rotate90(const Patch& in, int quarter_turns);

/// The direction in which pixels move: Horizontal swaps left and right.
enum class Mirror : std::uint8_t { None, Horizontal, Vertical, Both };

Patch mirror(const Patch& in, Mirror axis);

/// Zoom about the centre c = (size - 1) / 2: out(y, x) = in(c + (y - c) / factor, ...), bilinear,
/// reflecting at the border (d c b a | a b c d | d c b a). factor > 1 enlarges (method 6.3 S).
/// Throws DataError when the factor is not positive.
Patch zoom(const Patch& in, double factor);

/// The same for pixels of four floats, [size][size][4]; `out` holds as many.
void zoom_fours(const float* pixels, int size, double factor, float* out);

/// Top left corner of a crop.
struct CropOrigin {
  int x = 0;
  int y = 0;
};

/// The origin that puts the object of a patch of `size` at (out / 2 + shift_x, out / 2 + shift_y)
/// of a crop of `out` px: (14 - shift_x, 14 - shift_y) for 128 -> 100 (method 6.3 T).
CropOrigin crop_origin(int size, int out, int shift_x, int shift_y);

/// Throws DataError when the crop does not lie inside the patch.
Patch crop(const Patch& in, CropOrigin origin, int out);

/// Crop around the centre: what evaluation uses (method 6.1).
Patch central_crop(const Patch& in, int out = kCropSize);

}  // namespace mito::image
