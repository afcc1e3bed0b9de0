#include "nodes/outcome/study/count_uncertainty.h"

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/stats/bootstrap.h"
#include "engine/types/points_csv.h"

namespace mito::study {
namespace {

[[noreturn]] void fail(const CsvTable& table,
                       std::size_t row,
                       std::size_t column,
                       const std::string& problem) {
  throw DataError(to_string(table.position(row, column)) + ": " + problem);
}

/// What a table of evaluate_cohort says twice: the share is of so many detections, and their mean
/// lies in the range. Damage seldom changes both.
void check_counts(
    const CsvTable& table, std::size_t row, double low, double high, std::optional<double> share) {
  constexpr double kRounding = 1e-6;
  if (const auto column = table.find("detections")) {
    const double found = table.number(row, *column);
    const double hits = share.value_or(0) * found;
    if (found < 0 || found != std::floor(found) || share.has_value() != (found > 0) ||
        std::abs(hits - std::round(hits)) > kRounding * found)
      fail(table, row, *column, "does not fit the share in this row; is the file damaged?");
  }
  const auto column = table.find("mean_score");
  if (!column || table.text(row, *column).empty()) return;
  const double mean = table.number(row, *column);
  if (mean < low - kRounding || mean > high + kRounding)
    fail(table, row, *column, "lies outside the range in this row; is the file damaged?");
}

/// The detections of one resample.
DetectionSet resampled(const DetectionSet& detections,
                       const std::vector<double>& probabilities,
                       std::int64_t seed,
                       int replicate) {
  RandomStream random(static_cast<std::uint64_t>(seed), "counting",
                      static_cast<std::uint64_t>(replicate));
  const auto n = static_cast<std::uint32_t>(detections.items.size());
  DetectionSet out{detections.grid, {}, detections.min_probability, detections.objects};
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t drawn = random.below(n);
    if (random.uniform() < probabilities[drawn]) out.items.push_back(detections.items[drawn]);
  }
  return out;
}

}  // namespace

ScoreCalibration::ScoreCalibration(const std::filesystem::path& file)
    : name_(file.filename().string()) {
  const CsvTable table = CsvTable::read(file);
  const auto low = table.require("low");
  const auto high = table.require("high");
  const auto share = table.require("share_true");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Range range{table.number(row, low), table.number(row, high), std::nullopt};
    if (!ranges_.empty() && range.low != ranges_.back().high)
      fail(table, row, low, "expected a range from " + table.text(row - 1, high) + " on");
    if (!(range.low < range.high)) fail(table, row, high, "expected more than 'low'");
    if (!table.text(row, share).empty()) {
      range.share = table.number(row, share);
      if (*range.share < 0 || *range.share > 1)
        fail(table, row, share, "expected a share from 0 to 1");
    }
    check_counts(table, row, range.low, range.high, range.share);
    ranges_.push_back(range);
  }
  if (ranges_.empty()) throw DataError(file.string() + ": has no ranges of scores");
}

double ScoreCalibration::probability(double score) const {
  for (const auto& range : ranges_) {
    const bool is_last = &range == &ranges_.back();
    if (score >= range.low && (score < range.high || (is_last && score == range.high)))
      return range.share.value_or(score);
  }
  return score;
}

Uncertainty uncertainty(const UncertaintyParams& params,
                        const DetectionSet& detections,
                        const TissueMask* mask,
                        const ScoreCalibration& calibration) {
  Uncertainty out;
  std::vector<double> probabilities;
  probabilities.reserve(detections.items.size());
  for (const auto& detection : detections.items)
    probabilities.push_back(calibration.probability(detection.score));
  for (const double p : probabilities) out.expected += p;

  std::vector<std::optional<double>> total;
  std::vector<std::optional<double>> highest;
  std::vector<std::optional<double>> percentile;
  for (int r = 0; r < params.replicates; ++r) {
    const auto drawn = resampled(detections, probabilities, params.seed, r);
    const auto hotspot = stats::find_hotspot(drawn, mask, params);
    total.emplace_back(static_cast<double>(drawn.items.size()));
    highest.emplace_back(static_cast<double>(hotspot.count_max));
    percentile.emplace_back(hotspot.count_p95);
  }
  out.detections = stats::percentile_interval95(total);
  out.count_max = stats::percentile_interval95(highest);
  out.count_p95 = stats::percentile_interval95(percentile);
  return out;
}

}  // namespace mito::study
