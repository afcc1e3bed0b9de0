#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/slide/slide_collection.h"
#include "engine/types/training.h"
#include "nodes/detector/training_batches/batch_params.h"
#include "nodes/detector/training_batches/order.h"
#include "nodes/detector/training_batches/pixels.h"

namespace mito::training_batches {

/// All batches of a training, made when they are asked for. batch() may be called from several
/// threads at once and in any order: a batch depends on its index alone.
class Batches {
 public:
  /// `slides` may be null when the set has its own pixels. `targets`: what a teacher says of every
  /// candidate of the pool the set was drawn from (method 8.3); null = the labels are learnt.
  /// Throws DataError when a class is absent, a patch has no pixels or no target in [0, 1], or a
  /// slide is missing.
  Batches(const PatchSet& set,
          const SlideCollection* slides,
          const PoolScores* targets,
          const Params& params,
          const Surroundings& surroundings = {});

  std::size_t size() const;
  PatchBatch batch(std::uint32_t index) const;

 private:
  Order order_;
  std::uint64_t seed_;
  std::vector<float> target_;  ///< One per patch.
  std::shared_ptr<const Pixels> pixels_;
};

/// What each patch of `set` stands for: the teacher's probability, or else its label.
std::vector<float> targets_of(const PatchSet& set, const PoolScores* targets);

}  // namespace mito::training_batches
