#include "engine/slide/mirrored.h"

#include <algorithm>

namespace mito::slide {
namespace {

/// Position i of a line of n pixels, reflected at its ends.
std::int64_t reflected(std::int64_t i, std::int64_t n) {
  const std::int64_t period = 2 * n;
  i %= period;
  if (i < 0) i += period;
  return i < n ? i : period - 1 - i;
}

/// Where `count` pixels from `first` on come from in a line of n.
std::vector<std::int64_t> sources(std::int64_t first, std::int64_t count, std::int64_t n) {
  std::vector<std::int64_t> out;
  out.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = first; i < first + count; ++i) out.push_back(reflected(i, n));
  return out;
}

}  // namespace

std::vector<std::uint8_t> read_mirrored(
    const Rect& extent,
    const Rect& area,
    const std::function<std::vector<std::uint8_t>(const Rect&)>& read) {
  const bool inside = area.x >= 0 && area.y >= 0 && area.x + area.width <= extent.width &&
                      area.y + area.height <= extent.height;
  if (inside || area.width <= 0 || area.height <= 0) return read(area);
  const auto columns = sources(area.x, area.width, extent.width);
  const auto rows = sources(area.y, area.height, extent.height);
  const auto [left, right] = std::ranges::minmax(columns);
  const auto [top, bottom] = std::ranges::minmax(rows);
  const std::int64_t stride = right - left + 1;
  const auto pixels = read({left, top, stride, bottom - top + 1});
  std::vector<std::uint8_t> out;
  out.reserve(static_cast<std::size_t>(area.width * area.height * 3));
  for (const auto row : rows) {
    for (const auto column : columns) {
      const auto* from = pixels.data() + ((row - top) * stride + column - left) * 3;
      out.insert(out.end(), from, from + 3);
    }
  }
  return out;
}

}  // namespace mito::slide
