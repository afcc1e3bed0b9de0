#include "engine/slide/patch_reader.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito {

std::vector<std::uint8_t> cut_patch(const Slide& slide, const GridPoint& at, std::int64_t size_px) {
  return slide.read(slide.analysis_grid(),
                    {at.x - size_px / 2, at.y - size_px / 2, size_px, size_px});
}

void check(const PatchSet& set) {
  const auto n = set.count();
  if (set.slide.size() != n || set.at.size() != n || set.in_pool.size() != n)
    throw DataError(
        fmt::format("a patch set contradicts itself: {} labels, {} slides, {} positions, {} pool "
                    "indices",
                    n, set.slide.size(), set.at.size(), set.in_pool.size()));
  const auto bytes = static_cast<std::uint64_t>(3 * set.size_px * set.size_px);
  if (!set.rgb.empty() && (set.size_px <= 0 || set.rgb.size() != n * bytes))
    throw DataError(fmt::format("a patch set of {} patches of {} px has {} bytes of pixels", n,
                                set.size_px, set.rgb.size()));
  for (std::size_t i = 0; i < n; ++i) {
    if (set.label[i] > 1)
      throw DataError(
          fmt::format("patch {} of a set has label {}, expected 0 or 1", i, set.label[i]));
    if (set.slide[i] >= set.slides.size())
      throw DataError(fmt::format("patch {} of a set lies in slide {}, but the set lists {}", i,
                                  set.slide[i], set.slides.size()));
  }
}

PatchReader::PatchReader(const PatchSet& set, const SlideCollection* slides, std::int64_t size_px)
    : set_(set), size_px_(size_px) {
  check(set);
  if (!set.rgb.empty()) {
    if (set.size_px < size_px)
      throw DataError(fmt::format("the patches of a set have {} px; at least {} px are needed",
                                  set.size_px, size_px));
    return;
  }
  if (slides == nullptr && set.count() > 0)
    throw DataError("a patch set has no pixels of its own; connect the input 'slides'");
  for (const auto& slide : set.slides) slides_.push_back(slides->at(slide.identity, slide.name));
}

void PatchReader::read(std::size_t index, std::span<std::uint8_t> rgb) const {
  const auto row_bytes = static_cast<std::size_t>(3 * size_px_);
  if (set_.rgb.empty()) {
    const auto pixels = cut_patch(slides_.at(set_.slide.at(index)), set_.at[index], size_px_);
    std::ranges::copy(pixels, rgb.begin());
    return;
  }
  const auto side = static_cast<std::size_t>(set_.size_px);
  const auto first = static_cast<std::size_t>(set_.size_px / 2 - size_px_ / 2);
  for (std::size_t y = 0; y < static_cast<std::size_t>(size_px_); ++y)
    std::copy_n(set_.rgb.data() + ((index * side + first + y) * side + first) * 3, row_bytes,
                rgb.data() + y * row_bytes);
}

}  // namespace mito
