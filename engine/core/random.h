#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mito {

/// Philox4x32-10: the words for one counter and key (Salmon et al. 2011).
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

/// (word + 0.5) / 2^32: a double strictly between 0 and 1.
double uniform_from(std::uint32_t word);

/// FNV-1a, 32 bit.
std::uint32_t fnv1a(std::string_view text);

/// The random numbers of one sample: method 0.5. key = (seed mod 2^32, FNV-1a of the node's name),
/// counter = (draw block, low and high word of the sample index, epoch). The same sample of the
/// same epoch gets the same numbers on any thread.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed,
               std::string_view node,
               std::uint64_t sample,
               std::uint32_t epoch = 0);

  std::uint32_t word();
  void words(std::span<std::uint32_t> out);  ///< The same as word() for each, but faster.
  double uniform();                          ///< in (0, 1)
  double uniform(double low, double high);   ///< in (low, high)
  std::uint32_t below(std::uint32_t n);      ///< floor(u * n), in 0..n-1
  double normal();                           ///< Box-Muller from two consecutive words

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int left_ = 0;
};

/// Index of the first running sum of `weights` (double, in order) that exceeds u * total.
/// Takes the running sums. Throws DataError when the total is not positive (method 8.1).
std::size_t weighted_index(std::span<const double> running_sums, double u);

/// Running sums for weighted_index. Throws DataError on a negative or non-finite weight.
std::vector<double> running_sums(std::span<const double> weights);

/// Seeded Fisher-Yates permutation of 0..n-1.
std::vector<std::uint32_t> permutation(std::uint32_t n, RandomStream& random);

}  // namespace mito
