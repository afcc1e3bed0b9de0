#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mito::stats {

/// How well "score >= threshold means mitosis" fits labelled patches.
struct PatchF1 {
  double f1 = 0;
  double threshold = 1;
  double precision = 0;
  double recall = 0;
  bool operator==(const PatchF1&) const = default;
};

/// The measures at every score that a positive has, highest threshold first: F1 cannot have its
/// maximum anywhere else. Throws DataError when the sizes differ, a class is absent (method 7.10),
/// or a score is not a number.
std::vector<PatchF1> f1_curve(std::span<const float> scores, std::span<const std::uint8_t> labels);

/// The first point with the highest F1. Throws DataError when the curve is empty.
PatchF1 best_f1(std::span<const PatchF1> curve);

/// F1 maximised over the threshold (method 7.7), and of the thresholds that reach it the highest.
/// Throws as f1_curve().
PatchF1 best_f1(std::span<const float> scores, std::span<const std::uint8_t> labels);

/// The measures at a given threshold; 0 where a ratio is undefined. Throws as f1_curve().
PatchF1 f1_at(double threshold,
              std::span<const float> scores,
              std::span<const std::uint8_t> labels);

/// "threshold,f1,precision,recall", ascending thresholds.
std::string f1_curve_csv(std::span<const PatchF1> curve);

}  // namespace mito::stats
