#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "engine/image/geometric.h"
#include "engine/slide/slide_collection.h"
#include "engine/types/training.h"
#include "nodes/detector/training_batches/batch_params.h"

namespace mito::training_batches {

/// Of one patch: RGB [128][128][3].
inline constexpr std::size_t kPatchBytes = std::size_t{3} * image::kPatchSize * image::kPatchSize;

/// The pixels of the patches of a set. read() may be called from several threads at once.
class Pixels {
 public:
  virtual ~Pixels() = default;
  /// Patch `index` as RGB [128][128][3].
  virtual void read(std::uint32_t index, std::span<std::uint8_t> rgb) const = 0;
};

/// What cutting needs from its surroundings.
struct Surroundings {
  std::filesystem::path scratch;  ///< For a file of patches; empty = there is none.
  std::function<bool()> stop = [] { return false; };
  std::function<void(const std::string&, double)> progress = [](const std::string&, double) {};
};

/// Makes the patches of `set` ready to be read in any order, as `params` say. A patch that the set
/// lists several times is kept once. `slides` may be null when the set has its own pixels. Throws
/// DataError as PatchReader does, and Interrupted.
std::shared_ptr<const Pixels> pixels_of(const PatchSet& set,
                                        const SlideCollection* slides,
                                        const Params& params,
                                        const Surroundings& surroundings);

}  // namespace mito::training_batches
