#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/slide/slide_collection.h"
#include "engine/types/training.h"

namespace mito {

/// The square of `size_px` of the slide's analysis grid whose pixel (size / 2, size / 2) is `at`:
/// RGB [size][size][3], white off the slide (method 6.1).
std::vector<std::uint8_t> cut_patch(const Slide& slide, const GridPoint& at, std::int64_t size_px);

/// Patches of a PatchSet, wherever their pixels are: in the set or in slides. read() may be called
/// from several threads at once; the set must outlive the reader.
class PatchReader {
 public:
  /// `slides` may be null when the set holds its own pixels. Throws DataError when the set
  /// contradicts itself, its patches are smaller than `size_px`, or a slide is not there.
  PatchReader(const PatchSet& set, const SlideCollection* slides, std::int64_t size_px);

  /// Patch `index` as RGB [size_px][size_px][3], its object at (size_px / 2, size_px / 2).
  void read(std::size_t index, std::span<std::uint8_t> rgb) const;

 private:
  const PatchSet& set_;
  std::int64_t size_px_;
  std::vector<Slide> slides_;  ///< Like set_.slides; empty when the set has its own pixels.
};

/// Throws DataError when the lists of a set differ in length or point outside of each other.
void check(const PatchSet& set);

}  // namespace mito
