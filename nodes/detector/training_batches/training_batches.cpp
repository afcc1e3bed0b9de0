#include "nodes/detector/training_batches/training_batches.h"

#include <span>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/image/geometric.h"

namespace mito::training_batches {

std::string check(const Params& params) {
  if (params.batch % 2 != 0) return "parameter 'batch' must be even: half of it are positives";
  if (params.epoch == "number" && params.samples_per_epoch == 0)
    return "parameter 'epoch' is 'number': say how many with 'samples_per_epoch'";
  if (params.epoch != "number" && params.samples_per_epoch != 0)
    return "parameter 'samples_per_epoch' needs 'epoch: number'";
  return {};
}

std::vector<float> targets_of(const PatchSet& set, const PoolScores* targets) {
  if (targets == nullptr) return {set.label.begin(), set.label.end()};
  std::vector<float> out;
  out.reserve(set.count());
  for (std::size_t i = 0; i < set.count(); ++i) {
    const auto at = set.in_pool[i];
    if (at < 0 || at >= std::ssize(targets->probability))
      throw DataError(fmt::format(
          "patch {} is candidate {} of its pool, but the targets are those of {} candidates; were "
          "they made from another pool?",
          i, at, targets->probability.size()));
    const float p = targets->probability[static_cast<std::size_t>(at)];
    if (!(p >= 0 && p <= 1))
      throw DataError(fmt::format(
          "patch {} has no target: the teacher's probability of candidate {} is {}; score the "
          "whole pool first",
          i, at, p));
    out.push_back(p);
  }
  return out;
}

Batches::Batches(const PatchSet& set,
                 const SlideCollection* slides,
                 const PoolScores* targets,
                 const Params& params,
                 const Surroundings& surroundings)
    : order_(set.label, set.seed, params),
      seed_(set.seed),
      target_(targets_of(set, targets)),
      pixels_(pixels_of(set, slides, params, surroundings)) {}

std::size_t Batches::size() const {
  return static_cast<std::size_t>(order_.epochs() * order_.batches());
}

PatchBatch Batches::batch(std::uint32_t index) const {
  constexpr auto kBytes = std::size_t{3} * image::kPatchSize * image::kPatchSize;
  PatchBatch out;
  out.place = {index / order_.batches(), order_.epochs(), index % order_.batches(),
               order_.batches(), seed_};
  out.patch = order_.patches(out.place.epoch, out.place.batch);
  out.size_px = image::kPatchSize;
  out.rgb.resize(out.patch.size() * kBytes);
  const auto first = static_cast<std::uint64_t>(out.place.batch * order_.batch_size());
  for (std::size_t i = 0; i < out.patch.size(); ++i) {
    out.sample.push_back(first + i);
    out.target.push_back(target_[out.patch[i]]);
    pixels_->read(out.patch[i], std::span(out.rgb).subspan(i * kBytes, kBytes));
  }
  return out;
}

}  // namespace mito::training_batches
