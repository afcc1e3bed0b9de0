#include "nodes/outcome/adaptation/disagreement.h"

#include <cmath>

#include "engine/core/error.h"
#include "engine/nn/dense.h"

namespace mito::adaptation {
namespace {

constexpr std::int64_t kSide = nn::kPatch;
constexpr std::size_t kViews = 8;

float deviation(const std::vector<float>& values) {
  double sum = 0;
  double squares = 0;
  for (const float value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const float value : values) squares += (value - mean) * (value - mean);
  return static_cast<float>(std::sqrt(squares / static_cast<double>(values.size())));
}

}  // namespace

std::vector<float> eight_views(std::span<const float> patch) {
  constexpr auto kLast = kSide - 1;
  std::vector<float> out;
  out.reserve(kViews * patch.size());
  for (std::size_t view = 0; view < kViews; ++view) {
    const bool swapped = (view & 1U) != 0;
    const bool left_right = (view & 2U) != 0;
    const bool up_down = (view & 4U) != 0;
    for (std::int64_t channel = 0; channel < 3; ++channel)
      for (std::int64_t y = 0; y < kSide; ++y)
        for (std::int64_t x = 0; x < kSide; ++x) {
          const auto row = up_down ? kLast - y : y;
          const auto column = left_right ? kLast - x : x;
          const auto at = swapped ? column * kSide + row : row * kSide + column;
          out.push_back(patch[static_cast<std::size_t>(channel * kSide * kSide + at)]);
        }
  }
  return out;
}

float disagreement(const nn::Model& model, nn::Device device, std::span<const float> patch) {
  if (model.members().empty())
    return deviation(
        nn::patch_probabilities(model.network(device), eight_views(patch), std::int64_t{kViews}));
  std::vector<float> said;
  for (const auto& member : model.members())
    said.push_back(nn::patch_probabilities(member.network(device), patch, 1).front());
  return deviation(said);
}

SlideDetections with_disagreement(const SlideDetections& found,
                                  const nn::Model& model,
                                  nn::Device device,
                                  std::int64_t most,
                                  const std::function<bool()>& stop) {
  SlideDetections out = found;
  out.disagreement.clear();
  const Grid& grid = found.slide.analysis_grid();
  std::vector<float> patch(static_cast<std::size_t>(3 * kSide * kSide));
  for (const auto& detection : found.detections.items) {
    if (stop()) throw Interrupted("stopped while looking at detections");
    if (std::ssize(out.disagreement) >= most) break;
    const PointL0 at = grid.from_level0(detection.center);
    const auto x = static_cast<std::int64_t>(std::floor(at.x + 0.5));
    const auto y = static_cast<std::int64_t>(std::floor(at.y + 0.5));
    const Rect area{x - nn::kObjectOffset, y - nn::kObjectOffset, kSide, kSide};
    nn::cut_patch({area, found.slide.read(grid, area)}, x, y, patch);
    out.disagreement.push_back(disagreement(model, device, patch));
  }
  out.disagreement.resize(found.detections.items.size(), 0.0F);
  return out;
}

}  // namespace mito::adaptation
