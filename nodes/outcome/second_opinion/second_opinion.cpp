#include "nodes/outcome/second_opinion/second_opinion.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "engine/nn/imported/card.h"
#include "engine/nn/patch_regions.h"
#include "engine/types/rect.h"

namespace mito::second_opinion {
namespace {

GridPoint pixel_of(const Grid& grid, const Detection& detection) {
  const auto at = grid.from_level0(detection.center);
  return {static_cast<std::int32_t>(std::llround(at.x)),
          static_cast<std::int32_t>(std::llround(at.y))};
}

/// Whole blocks around `area`.
Rect blocks_around(const Rect& area) {
  const auto down = [](std::int64_t v) {
    return v - ((v % nn::kBlockPx) + nn::kBlockPx) % nn::kBlockPx;
  };
  const auto x = down(area.x);
  const auto y = down(area.y);
  return {x, y, down(area.x + area.width - 1) + nn::kBlockPx - x,
          down(area.y + area.height - 1) + nn::kBlockPx - y};
}

/// The highest value at most `radius` px from `point`; 0 where there is none.
double nearby(const nn::Network& network,
              bool gives_boxes,
              const GridPoint& point,
              double radius,
              const nn::ReadPixels& read) {
  const auto reach = static_cast<std::int64_t>(std::ceil(radius)) + nn::kStride;
  const Rect around = Rect{point.x, point.y, 1, 1}.grown(reach);
  const Rect core = blocks_around(around);
  const auto how = network.dense_parts();
  const Rect area = core.grown(std::max(how.before_px, how.behind_px));
  const auto rgb = read(area);
  const auto wanted = [&](const Rect& block) { return intersection(block, around).width > 0; };
  double best = 0;
  const auto take = [&](std::int64_t x, std::int64_t y, float value) {
    const auto dx = static_cast<double>(x - point.x);
    const auto dy = static_cast<double>(y - point.y);
    if (std::hypot(dx, dy) <= radius) best = std::max(best, static_cast<double>(value));
  };
  if (gives_boxes) {
    for (const auto& box : nn::box_centres(network, {area, rgb}, core, wanted))
      take(box.grid_x, box.grid_y, box.probability);
    return best;
  }
  const auto map = nn::dense_probabilities(network, {area, rgb}, core, wanted);
  std::size_t i = 0;
  for (auto y = core.y; y < core.y + core.height; y += nn::kStride)
    for (auto x = core.x; x < core.x + core.width; x += nn::kStride) take(x, y, map[i++]);
  return best;
}

std::vector<double> scores(const Params& params,
                           const DetectionSet& detections,
                           const nn::Model& model,
                           nn::Device device,
                           const nn::ReadPixels& read,
                           const nn::Hooks& hooks) {
  std::vector<GridPoint> points;
  for (const auto& one : detections.items) points.push_back(pixel_of(detections.grid, one));
  const auto& network = model.network(device);
  const auto* imported = model.imported();
  if (imported == nullptr || imported->card.output == "patch") {
    const auto found = nn::patch_probabilities(network, points, read, hooks);
    return {found.begin(), found.end()};
  }
  // Half an output apart at most: a value there is as near as one can be.
  const double radius =
      std::max(params.radius_um / detections.grid.mpp, static_cast<double>(nn::kStride));
  std::vector<double> out;
  for (const auto& point : points) {
    if (hooks.stop()) throw Interrupted("stopped while judging detections");
    out.push_back(nearby(network, imported->card.output == "boxes", point, radius, read));
    hooks.progress(static_cast<double>(out.size()) / static_cast<double>(points.size()));
  }
  return out;
}

double joined(const std::string& how, double first, double second) {
  if (how == "mean") return (first + second) / 2;
  return how == "least" ? std::min(first, second) : second;
}

}  // namespace

DetectionSet judge(const Params& params,
                   const DetectionSet& detections,
                   const nn::Model& model,
                   nn::Device device,
                   const nn::ReadPixels& read,
                   const nn::Hooks& hooks) {
  nn::require_resolution(model, detections.grid.mpp, "", "the slide is read at");
  DetectionSet out = detections;
  out.min_probability = params.min_probability.value_or(model.info().threshold);
  out.items.clear();
  // Without detections the network is not even built.
  if (detections.items.empty()) return out;
  const auto second = scores(params, detections, model, device, read, hooks);
  for (std::size_t i = 0; i < second.size(); ++i) {
    auto one = detections.items[i];
    one.score = joined(params.score, one.score, second[i]);
    if (one.score >= out.min_probability) out.items.push_back(one);
  }
  std::ranges::stable_sort(out.items, {}, [](const Detection& d) {
    return std::tuple(-d.score, d.center.y, d.center.x);
  });
  return out;
}

}  // namespace mito::second_opinion
