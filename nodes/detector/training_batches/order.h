#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "nodes/detector/training_batches/batch_params.h"

namespace mito::training_batches {

/// An endless list of 0..n-1: one seeded permutation after the other, so that within a pass nothing
/// comes twice (method 7.6). at() may be called from several threads and in any order.
class Stream {
 public:
  /// `name` names the random numbers.
  Stream(std::uint32_t n, std::uint64_t seed, std::string_view name)
      : size_(n), seed_(seed), name_(name) {}

  /// Positions [first, first + count) of the list.
  std::vector<std::uint32_t> at(std::uint64_t first, std::uint64_t count) const;

 private:
  using Permutation = std::shared_ptr<const std::vector<std::uint32_t>>;
  Permutation pass(std::uint64_t index) const;

  std::uint32_t size_;
  std::uint64_t seed_;
  std::string_view name_;
  mutable std::mutex mutex_;
  mutable std::list<std::pair<std::uint64_t, Permutation>> recent_;  ///< Last used first.
};

/// Which patches make which batch: half of each batch positive, half negative.
class Order {
 public:
  /// `label`: 1 or 0 per patch. Throws DataError when a class is absent (method 7.10) or there are
  /// more batches than can be counted.
  Order(const std::vector<std::uint8_t>& label, std::uint64_t seed, const Params& params);

  std::int64_t epochs() const { return epochs_; }
  std::int64_t batches() const { return batches_; }  ///< Per epoch.
  std::int64_t batch_size() const { return 2 * half_; }
  /// Patches of a batch, positives first.
  std::vector<std::uint32_t> patches(std::int64_t epoch, std::int64_t batch) const;

 private:
  std::int64_t epochs_;
  std::int64_t half_;
  std::int64_t batches_ = 0;
  std::vector<std::uint32_t> positives_;
  std::vector<std::uint32_t> negatives_;
  std::unique_ptr<const Stream> positive_order_;
  std::unique_ptr<const Stream> negative_order_;
};

}  // namespace mito::training_batches
