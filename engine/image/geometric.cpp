#include "engine/image/geometric.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/image/border.h"
#include "engine/image/kernels.h"

namespace mito::image {
namespace {

std::vector<kernels::Tap> zoom_taps(int n, double factor) {
  std::vector<kernels::Tap> taps;
  const double centre = (n - 1) / 2.0;
  for (int i = 0; i < n; ++i) {
    const double at = centre + (i - centre) / factor;
    const double low = std::floor(at);
    const int index = static_cast<int>(low);
    taps.push_back({reflect(index, n), reflect(index + 1, n), static_cast<float>(at - low)});
  }
  return taps;
}

/// A patch whose pixel (x, y) is a copy of *source(x, y).
template <class Source>
Patch gather(int size, Source source) {
  Patch out(size);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) std::copy_n(source(x, y), 3, out.at(x, y));
  return out;
}

}  // namespace

Patch to_patch(std::span<const std::uint8_t> rgb, int size) {
  Patch out(size);
  if (rgb.size() != out.values.size())
    throw DataError("patch: expected " + std::to_string(out.values.size()) + " bytes for " +
                    std::to_string(size) + " x " + std::to_string(size) + " RGB pixels, got " +
                    std::to_string(rgb.size()));
  std::ranges::transform(rgb, out.values.begin(),
                         [](std::uint8_t v) { return static_cast<float>(v) / 255.0F; });
  return out;
}

Patch rotate90(const Patch& in, int quarter_turns) {
  const int last = in.size - 1;
  switch (((quarter_turns % 4) + 4) % 4) {
    case 1:
      return gather(in.size, [&](int x, int y) { return in.at(last - y, x); });
    case 2:
      return gather(in.size, [&](int x, int y) { return in.at(last - x, last - y); });
    case 3:
      return gather(in.size, [&](int x, int y) { return in.at(y, last - x); });
    default:
      return in;
  }
}

Patch mirror(const Patch& in, Mirror axis) {
  const int last = in.size - 1;
  switch (axis) {
    case Mirror::Horizontal:
      return gather(in.size, [&](int x, int y) { return in.at(last - x, y); });
    case Mirror::Vertical:
      return gather(in.size, [&](int x, int y) { return in.at(x, last - y); });
    case Mirror::Both:
      return gather(in.size, [&](int x, int y) { return in.at(last - x, last - y); });
    case Mirror::None:
      break;
  }
  return in;
}

void zoom_fours(const float* pixels, int size, double factor, float* out) {
  if (!(factor > 0)) throw DataError("zoom: the factor must be positive");
  const auto taps = zoom_taps(size, factor);
  const std::size_t line = 4 * static_cast<std::size_t>(size);
  std::vector<float> rows(line * static_cast<std::size_t>(size));  // zoomed along x alone
  for (int y = 0; y < size; ++y) {
    const auto at = static_cast<std::size_t>(y) * line;
    kernels::blend_pixels(pixels + at, taps, rows.data() + at);
  }
  for (const auto& tap : taps) {
    kernels::blend_lines(rows.data() + static_cast<std::size_t>(tap.low) * line,
                         rows.data() + static_cast<std::size_t>(tap.high) * line, tap.weight, line,
                         out);
    out += line;
  }
}

Patch zoom(const Patch& in, double factor) {
  Patch out(in.size);
  const std::size_t n = in.values.size() / 3;
  std::vector<float> fours(4 * n);
  std::vector<float> zoomed(4 * n);
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(in.values.data() + 3 * i, 3, fours.data() + 4 * i);
  zoom_fours(fours.data(), in.size, factor, zoomed.data());
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(zoomed.data() + 4 * i, 3, out.values.data() + 3 * i);
  return out;
}

CropOrigin crop_origin(int size, int out, int shift_x, int shift_y) {
  const int margin = (size - out) / 2;
  return {margin - shift_x, margin - shift_y};
}

Patch crop(const Patch& in, CropOrigin origin, int out) {
  if (out < 0 || origin.x < 0 || origin.y < 0 || origin.x + out > in.size ||
      origin.y + out > in.size)
    throw DataError("crop: " + std::to_string(out) + " px at (" + std::to_string(origin.x) + ", " +
                    std::to_string(origin.y) + ") is not inside a patch of " +
                    std::to_string(in.size) + " px");
  Patch result(out);
  for (int y = 0; y < out; ++y)
    std::copy_n(in.at(origin.x, origin.y + y), 3 * out, result.at(0, y));
  return result;
}

Patch central_crop(const Patch& in, int out) {
  return crop(in, crop_origin(in.size, out, 0, 0), out);
}

}  // namespace mito::image
