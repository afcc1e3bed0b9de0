#include "nodes/outcome/study/calibration.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace mito::stats {
namespace {

void check(std::span<const double> scores, std::span<const std::uint8_t> is_true, int bins) {
  if (scores.size() != is_true.size())
    throw DataError("calibration: " + std::to_string(scores.size()) + " scores do not fit " +
                    std::to_string(is_true.size()) + " outcomes");
  if (bins <= 0) throw DataError("calibration: expected 1 or more bins");
  for (const double score : scores)
    if (!(score >= 0 && score <= 1))
      throw DataError("calibration: expected scores from 0 to 1, found " + number_text(score));
}

}  // namespace

Calibration calibrate(std::span<const double> scores,
                      std::span<const std::uint8_t> is_true,
                      int bins) {
  check(scores, is_true, bins);
  const auto n = static_cast<std::size_t>(bins);
  // Sums over sorted scores, so that their order changes no digit.
  std::vector<std::vector<double>> in_bin(n);
  std::vector<std::int64_t> right(n);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto bin = std::min(n - 1, static_cast<std::size_t>(std::floor(scores[i] * bins)));
    in_bin[bin].push_back(scores[i]);
    right[bin] += is_true[i] != 0 ? 1 : 0;
  }
  Calibration out;
  double error = 0;
  for (std::size_t b = 0; b < n; ++b) {
    CalibrationBin bin{static_cast<double>(b) / bins, static_cast<double>(b + 1) / bins,
                       std::ssize(in_bin[b]), std::nullopt, std::nullopt};
    if (bin.count > 0) {
      std::ranges::sort(in_bin[b]);
      double sum = 0;
      for (const double score : in_bin[b]) sum += score;
      const auto count = static_cast<double>(bin.count);
      bin.mean_score = sum / count;
      bin.share_true = static_cast<double>(right[b]) / count;
      error += std::abs(sum - static_cast<double>(right[b]));
    }
    out.bins.push_back(bin);
  }
  if (!scores.empty()) out.expected_error = error / static_cast<double>(scores.size());
  return out;
}

}  // namespace mito::stats
