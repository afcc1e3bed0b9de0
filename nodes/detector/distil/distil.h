#pragma once
#include <string>

#include "engine/core/params.h"
#include "engine/nn/backend.h"
#include "engine/types/training.h"

namespace mito::distil {

struct Params {
  std::string device = "auto";

  static void describe(auto& p, auto&& field) {
    field("device", p.device,
          device_field("Where the teacher runs; auto takes an accelerator when there is one."));
  }
};

/// The batch with what the teacher says of each of its patches as the target, instead of the label:
/// the student learns the teacher's probability on the very view it sees itself (method 8.3,
/// `teacher_view: same`). A value depends on its own patch only. Throws DataError when the batch
/// does not fit.
TrainingBatch soften(const TrainingBatch& batch, const nn::Network& teacher);

/// The same of the patches that `set` numbers in a pool (`in_pool` of 0 or more); the others, which
/// people labelled, keep their targets. The teacher is not asked where there are none. Throws
/// DataError when the batch names a patch that the set has not.
TrainingBatch soften_replayed(const TrainingBatch& batch,
                              const nn::Network& teacher,
                              const PatchSet& set);

}  // namespace mito::distil
