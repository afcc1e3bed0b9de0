#include "nodes/detector/distil/distil.h"

#include "engine/nn/dense.h"

namespace mito::distil {

TrainingBatch soften(const TrainingBatch& batch, const nn::Network& teacher) {
  TrainingBatch out = batch;
  out.target = nn::patch_probabilities(teacher, batch.patches, std::ssize(batch.target));
  return out;
}

}  // namespace mito::distil
