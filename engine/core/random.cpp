#include "engine/core/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/core/clones.h"
#include "engine/core/error.h"

namespace mito {
namespace {

constexpr std::size_t kLanes = 16;  // blocks of random words made at once

/// philox() for the counters c, c + 1, ... in their first word: kLanes blocks, one after another.
MITO_CLONES void philox_lanes(const std::array<std::uint32_t, 4>& counter,
                              const std::array<std::uint32_t, 2>& key,
                              std::uint32_t* out) {
  std::uint32_t c0[kLanes];
  std::uint32_t c1[kLanes];
  std::uint32_t c2[kLanes];
  std::uint32_t c3[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) {
    c0[i] = counter[0] + static_cast<std::uint32_t>(i);
    c1[i] = counter[1];
    c2[i] = counter[2];
    c3[i] = counter[3];
  }
  std::uint32_t k0 = key[0];
  std::uint32_t k1 = key[1];
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::uint64_t a = std::uint64_t{0xD2511F53U} * c0[i];
      const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * c2[i];
      c0[i] = static_cast<std::uint32_t>(b >> 32U) ^ c1[i] ^ k0;
      c1[i] = static_cast<std::uint32_t>(b);
      c2[i] = static_cast<std::uint32_t>(a >> 32U) ^ c3[i] ^ k1;
      c3[i] = static_cast<std::uint32_t>(a);
    }
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
  for (std::size_t i = 0; i < kLanes; ++i) {
    out[4 * i] = c0[i];
    out[4 * i + 1] = c1[i];
    out[4 * i + 2] = c2[i];
    out[4 * i + 3] = c3[i];
  }
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c,
                                    std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53U} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32U) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32U) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
    k[0] += 0x9E3779B9U;
    k[1] += 0xBB67AE85U;
  }
  return c;
}

double uniform_from(std::uint32_t word) { return (static_cast<double>(word) + 0.5) / 4294967296.0; }

std::uint32_t fnv1a(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 16777619U;
  }
  return hash;
}

RandomStream::RandomStream(std::uint64_t seed,
                           std::string_view node,
                           std::uint64_t sample,
                           std::uint32_t epoch)
    : key_{static_cast<std::uint32_t>(seed), fnv1a(node)},
      counter_{0, static_cast<std::uint32_t>(sample), static_cast<std::uint32_t>(sample >> 32U),
               epoch} {}

std::uint32_t RandomStream::word() {
  if (left_ == 0) {
    block_ = philox(counter_, key_);
    ++counter_[0];
    left_ = 4;
  }
  return block_[static_cast<std::size_t>(4 - left_--)];
}

void RandomStream::words(std::span<std::uint32_t> out) {
  std::size_t i = 0;
  for (; i < out.size() && left_ > 0; ++i) out[i] = word();
  for (; i + 4 * kLanes <= out.size(); i += 4 * kLanes) {
    philox_lanes(counter_, key_, out.data() + i);
    counter_[0] += static_cast<std::uint32_t>(kLanes);
  }
  for (; i < out.size(); ++i) out[i] = word();
}

double RandomStream::uniform() { return uniform_from(word()); }

double RandomStream::uniform(double low, double high) { return low + (high - low) * uniform(); }

std::uint32_t RandomStream::below(std::uint32_t n) {
  return static_cast<std::uint32_t>(uniform() * static_cast<double>(n));
}

double RandomStream::normal() {
  const double u = uniform();
  const double v = uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

std::vector<double> running_sums(std::span<const double> weights) {
  std::vector<double> sums;
  sums.reserve(weights.size());
  double total = 0;
  for (const double w : weights) {
    if (!(w >= 0) || !std::isfinite(w))
      throw DataError("a sampling weight is negative or not finite");
    sums.push_back(total += w);
  }
  return sums;
}

std::size_t weighted_index(std::span<const double> sums, double u) {
  if (sums.empty() || !(sums.back() > 0)) throw DataError("cannot sample: all weights are zero");
  const auto it = std::ranges::upper_bound(sums, u * sums.back());
  return std::min(static_cast<std::size_t>(it - sums.begin()), sums.size() - 1);
}

std::vector<std::uint32_t> permutation(std::uint32_t n, RandomStream& random) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  for (std::uint32_t i = n; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

}  // namespace mito
