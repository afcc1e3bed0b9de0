#include "engine/core/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "engine/core/error.h"

namespace mito {
namespace {

constexpr std::uint32_t kMultiplier0 = 0xD2511F53U;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57U;
constexpr std::uint32_t kStep0 = 0x9E3779B9U;
constexpr std::uint32_t kStep1 = 0xBB67AE85U;

constexpr std::size_t kBlocks = 8;  // made at once

#ifdef __x86_64__
/// Four blocks of Philox, each word in 64 bits of which the upper half means nothing.
struct FourBlocks {
  __m256i w0;
  __m256i w1;
  __m256i w2;
  __m256i w3;
};

/// philox() for the counters c to c + 7 in the first word, one block after another.
__attribute__((target("avx2"))) void philox_blocks_avx2(const std::array<std::uint32_t, 4>& counter,
                                                        const std::array<std::uint32_t, 2>& key,
                                                        std::uint32_t* out) {
  const __m256i m0 = _mm256_set1_epi64x(kMultiplier0);
  const __m256i m1 = _mm256_set1_epi64x(kMultiplier1);
  const __m256i low = _mm256_set1_epi64x(0xFFFFFFFF);
  FourBlocks blocks[2];
  for (std::uint32_t half = 0; half < 2; ++half) {
    const std::uint32_t first = counter[0] + 4 * half;
    blocks[half] = {_mm256_set_epi64x(first + 3, first + 2, first + 1, first),
                    _mm256_set1_epi64x(counter[1]), _mm256_set1_epi64x(counter[2]),
                    _mm256_set1_epi64x(counter[3])};
  }
  std::uint32_t k0 = key[0];
  std::uint32_t k1 = key[1];
  for (int round = 0; round < 10; ++round) {
    const __m256i key0 = _mm256_set1_epi64x(k0);
    const __m256i key1 = _mm256_set1_epi64x(k1);
    for (auto& c : blocks) {
      const __m256i a = _mm256_mul_epu32(m0, c.w0);
      const __m256i b = _mm256_mul_epu32(m1, c.w2);
      c.w0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(b, 32), c.w1), key0);
      c.w1 = b;
      c.w2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(a, 32), c.w3), key1);
      c.w3 = a;
    }
    k0 += kStep0;
    k1 += kStep1;
  }
  for (const auto& c : blocks) {
    // (word 0, word 1) and (word 2, word 3) of each block in 64 bits, then block by block.
    const __m256i first = _mm256_or_si256(_mm256_and_si256(c.w0, low), _mm256_slli_epi64(c.w1, 32));
    const __m256i second =
        _mm256_or_si256(_mm256_and_si256(c.w2, low), _mm256_slli_epi64(c.w3, 32));
    const __m256i even = _mm256_unpacklo_epi64(first, second);  // blocks 0 and 2
    const __m256i odd = _mm256_unpackhi_epi64(first, second);   // blocks 1 and 3
    auto* to = reinterpret_cast<__m256i*>(out);
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
    out += 16;
  }
}

bool has_avx2() {
  static const bool kHas = __builtin_cpu_supports("avx2") != 0;
  return kHas;
}
#endif

void philox_blocks(std::array<std::uint32_t, 4> counter,
                   const std::array<std::uint32_t, 2>& key,
                   std::uint32_t* out) {
#ifdef __x86_64__
  if (has_avx2()) return philox_blocks_avx2(counter, key, out);
#endif
  for (std::size_t i = 0; i < kBlocks; ++i) {
    std::ranges::copy(philox(counter, key), out + 4 * i);
    ++counter[0];
  }
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c,
                                    std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{kMultiplier0} * c[0];
    const std::uint64_t b = std::uint64_t{kMultiplier1} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32U) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32U) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
    k[0] += kStep0;
    k[1] += kStep1;
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
  for (; i + 4 * kBlocks <= out.size(); i += 4 * kBlocks) {
    philox_blocks(counter_, key_, out.data() + i);
    counter_[0] += static_cast<std::uint32_t>(kBlocks);
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
