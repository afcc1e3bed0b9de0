#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/hdf5/patch_file.h"
#include "engine/nn/backend.h"
#include "engine/slide/patch_reader.h"
#include "engine/slide/slide_collection.h"
#include "engine/types/seen_images.h"
#include "engine/types/training.h"

namespace mito::nn {

/// Throws DataError when a class is absent or a label is neither 0 nor 1 (method 7.10). `what`
/// names the set: "training", "validation".
void check_classes(const PatchSet& set, std::string_view what);

/// Cases that patches of the set come from, sorted.
std::vector<std::string> cases_of(const PatchSet& set);

/// Files of the slides that patches of the set come from. `slides`, which tells their sizes, may be
/// null. A slide that is no file, of patches that brought their own pixels, is said to be missing.
SeenFiles images_of(const PatchSet& set, const SlideCollection* slides);

/// The slides that patches of the set come from, as they are looked up among what a network has
/// seen.
std::vector<MeasuredImage> measured_images(const PatchSet& set);

/// "slide(x,y)", for messages.
std::string patch_name(const PatchSet& set, std::size_t patch);

/// The patches of a set as evaluation sees them: the central 100 x 100 px, the object at (50, 50),
/// not augmented (method 6.1).
class PlainPatches {
 public:
  /// Reads the patches from their slides and keeps up to `memory_mib` of them; the others go into a
  /// file in `scratch`, or without such a folder are read again whenever they are asked for.
  /// `slides` may be null when the set has pixels of its own. Throws DataError as PatchReader and
  /// PatchFileWriter do; Interrupted when `stop` says so.
  PlainPatches(PatchSet set,
               const SlideCollection* slides,
               double memory_mib,
               const std::function<bool()>& stop,
               const std::filesystem::path& scratch = {});

  std::size_t count() const { return set_->count(); }
  std::span<const std::uint8_t> labels() const { return set_->label; }
  const PatchSet& set() const { return *set_; }
  /// As images_of() has them.
  const SeenFiles& images() const { return images_; }

  /// Float RGB in [0, 1], [3][100][100].
  void get(std::size_t patch, std::span<float> out) const;

 private:
  std::shared_ptr<const PatchSet> set_;
  SeenFiles images_;
  PatchReader reader_;
  std::vector<std::uint8_t> kept_;                 ///< [kept patches][100][100][3]
  std::shared_ptr<const store::PatchFile> filed_;  ///< Those behind them; null without a file.
};

/// What `patches` of them take in memory or in a file.
double plain_patches_mib(std::int64_t patches);

/// What a network says of every patch, evaluated in batches of fixed size (see
/// patch_probabilities), several batches at a time on the threads that are there (ADR 0011). Asks
/// `stop` between them and throws Interrupted.
std::vector<float> patch_probabilities(const Network& network,
                                       const PlainPatches& patches,
                                       const std::function<bool()>& stop);

}  // namespace mito::nn
