#include "nodes/detector/training_batches/order.h"

#include <algorithm>
#include <limits>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::training_batches {
namespace {

constexpr std::size_t kKeptPasses = 4;  // batches in work at once span few passes

std::int64_t samples_per_epoch(const Params& params,
                               std::int64_t positives,
                               std::int64_t negatives) {
  if (params.epoch == "majority") return 2 * std::max(positives, negatives);
  if (params.epoch == "minority") return 2 * std::min(positives, negatives);
  if (params.epoch == "number") return params.samples_per_epoch;
  return positives + negatives;
}

}  // namespace

Stream::Permutation Stream::pass(std::uint64_t index) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find(recent_, index, [](const auto& entry) { return entry.first; });
  if (found != recent_.end()) {
    recent_.splice(recent_.begin(), recent_, found);
    return recent_.front().second;
  }
  RandomStream random(seed_, name_, index);
  recent_.emplace_front(
      index, std::make_shared<const std::vector<std::uint32_t>>(permutation(size_, random)));
  if (recent_.size() > kKeptPasses) recent_.pop_back();
  return recent_.front().second;
}

std::vector<std::uint32_t> Stream::at(std::uint64_t first, std::uint64_t count) const {
  std::vector<std::uint32_t> out;
  out.reserve(count);
  for (auto k = first; k < first + count;) {
    const auto order = pass(k / size_);
    const auto begin = k % size_;
    const auto taken = std::min<std::uint64_t>(size_ - begin, first + count - k);
    const auto from = order->begin() + static_cast<std::ptrdiff_t>(begin);
    out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(taken));
    k += taken;
  }
  return out;
}

Order::Order(const std::vector<std::uint8_t>& label, std::uint64_t seed, const Params& params)
    : epochs_(params.epochs), half_(params.batch / 2) {
  for (std::size_t i = 0; i < label.size(); ++i)
    (label[i] != 0 ? positives_ : negatives_).push_back(static_cast<std::uint32_t>(i));
  for (const auto& [list, name] : {std::pair(&positives_, "positive"), {&negatives_, "negative"}}) {
    if (list->empty())
      throw DataError(fmt::format("none of the {} patches to train on is {}: a class is absent",
                                  label.size(), name));
  }
  const auto samples = samples_per_epoch(params, std::ssize(positives_), std::ssize(negatives_));
  batches_ = (samples + batch_size() - 1) / batch_size();
  if (batches_ > std::numeric_limits<std::uint32_t>::max() / epochs_)
    throw DataError(
        fmt::format("{} epochs of {} batches are too many to count", epochs_, batches_));
  positive_order_ = std::make_unique<const Stream>(static_cast<std::uint32_t>(positives_.size()),
                                                   seed, "training_batches/positives");
  negative_order_ = std::make_unique<const Stream>(static_cast<std::uint32_t>(negatives_.size()),
                                                   seed, "training_batches/negatives");
}

std::vector<std::uint32_t> Order::patches(std::int64_t epoch, std::int64_t batch) const {
  const auto half = static_cast<std::uint64_t>(half_);
  const auto first = static_cast<std::uint64_t>(epoch * batches_ + batch) * half;
  std::vector<std::uint32_t> out;
  out.reserve(2 * half);
  for (const auto k : positive_order_->at(first, half)) out.push_back(positives_[k]);
  for (const auto k : negative_order_->at(first, half)) out.push_back(negatives_[k]);
  return out;
}

}  // namespace mito::training_batches
