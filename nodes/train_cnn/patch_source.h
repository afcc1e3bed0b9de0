#pragma once
#include <span>
#include <string>
#include <vector>

#include "engine/types/restained.h"
#include "nodes/train_cnn/params.h"
#include "nodes/train_cnn/source.h"

namespace mito::train_cnn {

/// Patches with labels, of one or two lists: label 1 is positive, label 0 negative, whole cases are
/// held out for validation, and there is nothing to mine (METHODS 4.4, 7.2).
class PatchSource final : public SampleSource {
 public:
  /// The lists must outlive the source; `more` may be null. `name` names the random streams. Throws
  /// DataError when a list contradicts itself, its patches are smaller than 128 px, a class is
  /// absent from the training or validation cases, or minings are asked for.
  PatchSource(const Params& params,
              const LabelledPatches& patches,
              const LabelledPatches* more,
              const std::string& name);

  Negatives negatives(std::int64_t phase, std::span<const double> scores) const override;
  std::int64_t negatives_per_epoch() const override { return std::ssize(negatives_); }
  nn::PixelView pixels(const Sample& sample) const override;
  std::string name(const Sample& sample) const override;

  const std::vector<std::string>& held_out() const { return held_out_; }

 private:
  struct Entry {
    const LabelledPatches* list = nullptr;
    std::size_t index = 0;
  };

  std::vector<Entry> entries_;  ///< What Sample::image counts.
  std::vector<Sample> negatives_;
  std::vector<std::string> held_out_;
};

/// SHA-256 over size, pixels, labels and names of one or two lists.
std::string digest(const LabelledPatches& patches, const LabelledPatches* more);

}  // namespace mito::train_cnn
