#pragma once
#include <compare>
#include <cstdint>

namespace mito::image {

/// The splitmix64 finaliser of an analysis-grid position: breaks ties among equal intensities so
/// that every tiling gives the same answer (method 5.1).
constexpr std::uint64_t position_hash(std::int64_t x, std::int64_t y) {
  std::uint64_t z = ((static_cast<std::uint64_t>(y) << 32U) | static_cast<std::uint64_t>(x)) +
                    0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

/// Order of candidates: intensity R + G + B, then hash, then row, then column (method 5.1).
struct CandidateKey {
  int intensity = 0;
  std::uint64_t hash = 0;
  std::int64_t y = 0;
  std::int64_t x = 0;
  auto operator<=>(const CandidateKey&) const = default;  // NOLINT(modernize-use-nullptr)

  static constexpr CandidateKey of(int intensity, std::int64_t x, std::int64_t y) {
    return {intensity, position_hash(x, y), y, x};
  }
};

}  // namespace mito::image
