#include "nodes/detector/distil/distil.h"

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"

namespace mito::distil {

TrainingBatch soften(const TrainingBatch& batch, const nn::Network& teacher) {
  TrainingBatch out = batch;
  out.target = nn::patch_probabilities(teacher, batch.patches, std::ssize(batch.target));
  return out;
}

TrainingBatch soften_replayed(const TrainingBatch& batch,
                              const nn::Network& teacher,
                              const PatchSet& set) {
  std::vector<std::size_t> replayed;
  for (std::size_t i = 0; i < batch.patch.size(); ++i) {
    if (batch.patch[i] >= set.count())
      throw DataError(
          fmt::format("a batch names patch {}, but its set has {}; was it made from "
                      "another set?",
                      batch.patch[i], set.count()));
    if (set.in_pool[batch.patch[i]] >= 0) replayed.push_back(i);
  }
  if (replayed.empty()) return batch;
  const std::size_t numbers = batch.patches.size() / batch.patch.size();
  std::vector<float> asked;
  for (const auto i : replayed) {
    const auto first = batch.patches.begin() + static_cast<std::ptrdiff_t>(i * numbers);
    asked.insert(asked.end(), first, first + static_cast<std::ptrdiff_t>(numbers));
  }
  const auto said = nn::patch_probabilities(teacher, asked, std::ssize(replayed));
  TrainingBatch out = batch;
  for (std::size_t k = 0; k < replayed.size(); ++k) out.target[replayed[k]] = said[k];
  return out;
}

}  // namespace mito::distil
