#include "nodes/outcome/counting/counting.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/version.h"
#include "engine/stats/bootstrap.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"
#include "nodes/outcome/study/hotspot_top.h"

namespace mito::counting {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const CsvTable& table,
                       std::size_t row,
                       std::size_t column,
                       const std::string& problem) {
  throw DataError(to_string(table.position(row, column)) + ": " + problem);
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

Json interval_json(const std::optional<stats::Interval>& interval) {
  return interval ? Json({interval->low, interval->high}) : Json();
}

Json top_json(const Params& params, const DetectionSet& detections) {
  const Grid& grid = detections.grid;
  std::vector<stats::GridPosition> points;
  points.reserve(detections.items.size());
  for (const auto& detection : detections.items) {
    const PointL0 at = grid.from_level0(detection.center);
    points.push_back({at.x, at.y});
  }
  const double step = params.step_um / grid.mpp;
  const double radius = stats::hotspot_radius_px(params.area_mm2, grid.mpp);
  const auto counts = stats::count_within(points, static_cast<double>(grid.width),
                                          static_cast<double>(grid.height), step, radius);
  Json out = Json::array();
  for (const auto& place : stats::top_places(counts, radius, params.top)) {
    const PointL0 at = grid.to_level0(static_cast<double>(place.column) * step,
                                      static_cast<double>(place.row) * step);
    out.push_back({{"x", at.x},
                   {"y", at.y},
                   {"count", place.count},
                   {"per_mm2", place.count / params.area_mm2}});
  }
  return out;
}

Json uncertainty_json(const Params& params,
                      const DetectionSet& detections,
                      const TissueMask* mask,
                      const Calibration& calibration) {
  const auto found = uncertainty(params, detections, mask, calibration);
  return {{"probabilities", calibration.name().empty() ? "scores as they are"
                                                       : "calibrated by " + calibration.name()},
          {"level", 0.95},
          {"replicates", params.replicates},
          {"seed", params.seed},
          {"expected_mitoses", found.expected},
          {"mitoses", interval_json(found.detections)},
          {"count_max", interval_json(found.count_max)},
          {"count_p95", interval_json(found.count_p95)}};
}

}  // namespace

Calibration::Calibration(const std::filesystem::path& file) : name_(file.filename().string()) {
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
    ranges_.push_back(range);
  }
  if (ranges_.empty()) throw DataError(file.string() + ": has no ranges of scores");
}

double Calibration::probability(double score) const {
  for (const auto& range : ranges_) {
    const bool is_last = &range == &ranges_.back();
    if (score >= range.low && (score < range.high || (is_last && score == range.high)))
      return range.share.value_or(score);
  }
  return score;
}

Uncertainty uncertainty(const Params& params,
                        const DetectionSet& detections,
                        const TissueMask* mask,
                        const Calibration& calibration) {
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

std::string to_json(const Params& params,
                    const std::string& slide,
                    const DetectionSet& detections,
                    const TissueMask* mask,
                    const Calibration& calibration) {
  const auto hotspot = stats::find_hotspot(detections, mask, params);
  const auto count = static_cast<double>(detections.items.size());
  const bool has_tissue = mask != nullptr && mask->area_mm2 > 0;
  const Json out{{"program", "mitoloom"},
                 {"version", std::string(version())},
                 {"not_a_medical_device", kNotAMedicalDevice},
                 {"slide", slide},
                 {"detections", detections.items.size()},
                 {"tissue_mm2", mask == nullptr ? Json() : Json(mask->area_mm2)},
                 {"per_mm2", has_tissue ? Json(count / mask->area_mm2) : Json()},
                 {"hotspot",
                  {{"area_mm2", params.area_mm2},
                   {"step_um", params.step_um},
                   {"percentile", params.percentile},
                   {"exclude", params.exclude},
                   {"count_max", hotspot.count_max},
                   {"count_p95", hotspot.count_p95},
                   {"max_per_mm2", static_cast<double>(hotspot.count_max) / params.area_mm2},
                   {"p95_per_mm2", hotspot.count_p95 / params.area_mm2}}},
                 {"densest", top_json(params, detections)},
                 {"uncertainty", uncertainty_json(params, detections, mask, calibration)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mito::counting
