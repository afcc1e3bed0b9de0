#include "nodes/detector/contact_sheet/contact_sheet.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/image/geometric.h"
#include "engine/slide/patch_reader.h"

namespace mito::contact_sheet {
namespace {

constexpr int kSide = image::kCropSize;
constexpr int kGap = 4;
constexpr int kCaption = 26;
constexpr double kFontScale = 0.42;
constexpr double kPaper = 255;  // grey level
constexpr double kText = 20;

/// Middle of an 8-bit patch.
cv::Mat middle(std::span<const std::uint8_t> rgb, std::int64_t size) {
  const auto first = size / 2 - kSide / 2;
  cv::Mat out(kSide, kSide, CV_8UC3);
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const auto* p = &rgb[static_cast<std::size_t>(((first + y) * size + first + x) * 3)];
      out.at<cv::Vec3b>(y, x) = {p[2], p[1], p[0]};
    }
  return out;
}

/// Three planes in [0, 1].
cv::Mat picture(std::span<const float> planes) {
  constexpr auto kPlane = std::size_t{kSide} * kSide;
  cv::Mat out(kSide, kSide, CV_8UC3);
  const auto level = [](float v) {
    return static_cast<std::uint8_t>(std::lround(255.0F * std::clamp(v, 0.0F, 1.0F)));
  };
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const auto i = static_cast<std::size_t>(y) * kSide + static_cast<std::size_t>(x);
      out.at<cv::Vec3b>(y, x) = {level(planes[2 * kPlane + i]), level(planes[kPlane + i]),
                                 level(planes[i])};
    }
  return out;
}

void check_batches(const Params& params,
                   const PatchBatch& original,
                   const std::vector<const TrainingBatch*>& batches) {
  const std::size_t n = original.patch.size();
  const auto bytes = static_cast<std::size_t>(3 * original.size_px * original.size_px);
  if (n == 0 || original.size_px < kSide || original.rgb.size() != n * bytes)
    throw DataError(fmt::format("contact sheet: {} patches of {} px with {} bytes cannot be drawn",
                                n, original.size_px, original.rgb.size()));
  if (!params.columns.empty() && params.columns.size() != batches.size())
    throw DataError(fmt::format("contact sheet: {} captions in 'columns' for {} connected batches",
                                params.columns.size(), batches.size()));
  for (const auto* batch : batches) {
    if (batch->patch != original.patch ||
        batch->patches.size() != n * std::size_t{3} * kSide * kSide)
      throw DataError("contact sheet: the batches hold other patches than the original one");
  }
}

}  // namespace

PatchSet preview_patches(const PreviewParams& params,
                         const Slide& slide,
                         const CandidateSet& candidates) {
  constexpr std::int64_t kSize = image::kPatchSize;
  const Rect inside = slide.analysis_grid().bounds();
  std::vector<GridPoint> points;
  for (const auto& c : candidates.items) {
    if (inside.contains(c.grid_x - kSize / 2, c.grid_y - kSize / 2) &&
        inside.contains(c.grid_x + kSize / 2 - 1, c.grid_y + kSize / 2 - 1))
      points.push_back({static_cast<std::int32_t>(c.grid_x), static_cast<std::int32_t>(c.grid_y)});
  }
  if (points.empty())
    throw DataError(fmt::format("slide {}: none of {} candidates is far enough from its border",
                                slide.info().name, candidates.items.size()));
  PatchSet out;
  out.slides = {{slide.info().name, slide.info().identity, slide.info().name, CaseSet::Training}};
  out.size_px = kSize;
  const auto count = std::min(points.size(), static_cast<std::size_t>(params.count));
  for (std::size_t k = 0; k < count; ++k) {
    const auto& at = points[k * points.size() / count];
    const auto rgb = cut_patch(slide, at, kSize);
    out.slide.push_back(0);
    out.at.push_back(at);
    out.label.push_back(0);
    out.in_pool.push_back(-1);
    out.rgb.insert(out.rgb.end(), rgb.begin(), rgb.end());
  }
  return out;
}

PatchBatch preview_batch(const BatchParams& params,
                         const PatchSet& set,
                         const SlideCollection* slides) {
  const PatchReader reader(set, slides, image::kPatchSize);
  if (set.count() == 0) throw DataError("there is no patch to show");
  PatchBatch out;
  out.place.seed = static_cast<std::uint64_t>(params.seed);
  out.size_px = image::kPatchSize;
  constexpr auto kBytes = std::size_t{3} * image::kPatchSize * image::kPatchSize;
  const auto count = std::min(set.count(), static_cast<std::size_t>(params.rows));
  out.rgb.resize(count * kBytes);
  for (std::size_t k = 0; k < count; ++k) {
    const auto index = k * set.count() / count;
    out.patch.push_back(static_cast<std::uint32_t>(index));
    out.sample.push_back(k);
    out.target.push_back(static_cast<float>(set.label[index]));
    reader.read(index, std::span(out.rgb).subspan(k * kBytes, kBytes));
  }
  return out;
}

std::string draw_png(const Params& params,
                     const PatchBatch& original,
                     const std::vector<const TrainingBatch*>& batches) {
  check_batches(params, original, batches);
  const auto rows = static_cast<int>(original.patch.size());
  const auto columns = static_cast<int>(batches.size()) + 1;
  const int side = kSide * params.scale;
  cv::Mat canvas(kCaption + rows * (side + kGap), columns * (side + kGap) + kGap, CV_8UC3,
                 cv::Scalar::all(kPaper));
  const auto left = [&](int column) { return kGap + column * (side + kGap); };
  const auto put = [&](const cv::Mat& patch, int row, int column) {
    const cv::Rect where(left(column), kCaption + row * (side + kGap), side, side);
    cv::resize(patch, canvas(where), where.size(), 0, 0, cv::INTER_NEAREST);
  };
  const auto caption = [&](const std::string& text, int column) {
    cv::putText(canvas, text, {left(column), kCaption - 8}, cv::FONT_HERSHEY_SIMPLEX, kFontScale,
                cv::Scalar::all(kText), 1, cv::LINE_AA);
  };
  const auto bytes = original.rgb.size() / original.patch.size();
  constexpr auto kNumbers = std::size_t{3} * kSide * kSide;
  caption("original", 0);
  for (int row = 0; row < rows; ++row) {
    const auto k = static_cast<std::size_t>(row);
    put(middle(std::span(original.rgb).subspan(k * bytes, bytes), original.size_px), row, 0);
    for (std::size_t b = 0; b < batches.size(); ++b)
      put(picture(std::span(batches[b]->patches).subspan(k * kNumbers, kNumbers)), row,
          static_cast<int>(b) + 1);
  }
  for (std::size_t b = 0; b < params.columns.size(); ++b)
    caption(params.columns[b], static_cast<int>(b) + 1);
  std::vector<std::uint8_t> png;
  if (!cv::imencode(".png", canvas, png))
    throw DataError("the contact sheet cannot be encoded as PNG");
  return {png.begin(), png.end()};
}

}  // namespace mito::contact_sheet
