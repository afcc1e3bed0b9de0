#include "nodes/detector/contact_sheet/contact_sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/image/codecs.h"
#include "engine/image/geometric.h"
#include "engine/image/hed.h"
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

void check_original(const PatchBatch& original) {
  const std::size_t n = original.patch.size();
  const auto bytes = static_cast<std::size_t>(3 * original.size_px * original.size_px);
  if (n == 0 || original.size_px < kSide || original.rgb.size() != n * bytes)
    throw DataError(fmt::format("contact sheet: {} patches of {} px with {} bytes cannot be drawn",
                                n, original.size_px, original.rgb.size()));
}

void check_batches(const Params& params,
                   const PatchBatch& original,
                   const std::vector<const TrainingBatch*>& batches) {
  check_original(original);
  const std::size_t n = original.patch.size();
  if (!params.columns.empty() && params.columns.size() != batches.size())
    throw DataError(fmt::format("contact sheet: {} captions in 'columns' for {} connected batches",
                                params.columns.size(), batches.size()));
  for (const auto* batch : batches) {
    if (batch->patch != original.patch ||
        batch->patches.size() != n * std::size_t{3} * kSide * kSide)
      throw DataError("contact sheet: the batches hold other patches than the original one");
  }
}

/// A grid of pictures of one size with a line of captions.
class Sheet {
 public:
  Sheet(int rows, int columns, int scale)
      : side_(kSide * scale),
        canvas_(kCaption + rows * (side_ + kGap),
                columns * (side_ + kGap) + kGap,
                CV_8UC3,
                cv::Scalar::all(kPaper)) {}

  void put(const cv::Mat& patch, int row, int column) {
    const cv::Rect where(left(column), kCaption + row * (side_ + kGap), side_, side_);
    cv::resize(patch, canvas_(where), where.size(), 0, 0, cv::INTER_NEAREST);
  }
  void caption(const std::string& text, int column) {
    cv::putText(canvas_, text, {left(column), kCaption - 8}, cv::FONT_HERSHEY_SIMPLEX, kFontScale,
                cv::Scalar::all(kText), 1, cv::LINE_AA);
  }
  std::string png() const { return image::png_of(canvas_, "the contact sheet"); }

 private:
  int left(int column) const { return kGap + column * (side_ + kGap); }

  int side_;
  cv::Mat canvas_;
};

/// The stains of a patch's middle before and after the augmentation: [pixel][3].
struct Stains {
  std::vector<float> before;
  std::vector<float> after;
};

Stains stains_of(const cv::Mat& bgr,
                 const image::StainTransform& transform,
                 const StainParams& params,
                 std::uint64_t row) {
  std::vector<float> rgb;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x)
      for (const int c : {2, 1, 0})
        rgb.push_back(static_cast<float>(bgr.at<cv::Vec3b>(y, x)[c]) / 255.0F);
  Stains out{std::vector<float>(rgb.size()), {}};
  transform.to_stain(rgb, out.before);
  RandomStream random(static_cast<std::uint64_t>(params.seed), "stain_sheet", row);
  image::Vec3 alpha{};
  image::Vec3 beta{};
  for (auto& a : alpha) a = random.uniform(1 - params.sigma, 1 + params.sigma);
  for (auto& b : beta) b = random.uniform(-params.sigma, params.sigma);
  for (std::size_t i = 0; i < out.before.size(); ++i)
    out.after.push_back(static_cast<float>(alpha.at(i % 3) * out.before[i] + beta.at(i % 3)));
  return out;
}

/// Three channels of [pixel][3], one after another.
std::vector<float> planes_of(const std::vector<float>& pixels) {
  std::vector<float> out;
  for (const std::size_t c : {0U, 1U, 2U})
    for (std::size_t i = c; i < pixels.size(); i += 3) out.push_back(pixels[i]);
  return out;
}

/// One stain as grey: `most` is black, `least` is white.
cv::Mat grey(const std::vector<float>& stains, std::size_t channel, float least, float most) {
  std::vector<float> pixels;
  for (std::size_t i = channel; i < stains.size(); i += 3) {
    const float value = most > least ? (most - stains[i]) / (most - least) : 1.0F;
    pixels.insert(pixels.end(), {value, value, value});
  }
  return picture(planes_of(pixels));
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
  auto& rgb = out.rgb.edit();
  const auto count = std::min(points.size(), static_cast<std::size_t>(params.count));
  for (std::size_t k = 0; k < count; ++k) {
    const auto& at = points[k * points.size() / count];
    const auto patch = cut_patch(slide, at, kSize);
    out.slide.push_back(0);
    out.at.push_back(at);
    out.label.push_back(0);
    out.in_pool.push_back(-1);
    rgb.insert(rgb.end(), patch.begin(), patch.end());
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
  Sheet sheet(rows, static_cast<int>(batches.size()) + 1, params.scale);
  const auto bytes = original.rgb.size() / original.patch.size();
  constexpr auto kNumbers = std::size_t{3} * kSide * kSide;
  sheet.caption("original", 0);
  for (int row = 0; row < rows; ++row) {
    const auto k = static_cast<std::size_t>(row);
    sheet.put(middle(std::span(original.rgb).subspan(k * bytes, bytes), original.size_px), row, 0);
    for (std::size_t b = 0; b < batches.size(); ++b)
      sheet.put(picture(std::span(batches[b]->patches).subspan(k * kNumbers, kNumbers)), row,
                static_cast<int>(b) + 1);
  }
  for (std::size_t b = 0; b < params.columns.size(); ++b)
    sheet.caption(params.columns[b], static_cast<int>(b) + 1);
  return sheet.png();
}

std::string draw_stains_png(const StainParams& params, const PatchBatch& batch) {
  check_original(batch);
  const image::StainTransform transform(image::hed_rows());
  const auto bytes = batch.rgb.size() / batch.patch.size();
  std::vector<cv::Mat> originals;
  std::vector<Stains> stains;
  std::array<float, 3> least;
  std::array<float, 3> most;
  least.fill(std::numeric_limits<float>::max());
  most.fill(std::numeric_limits<float>::lowest());
  for (std::size_t k = 0; k < batch.patch.size(); ++k) {
    originals.push_back(middle(std::span(batch.rgb).subspan(k * bytes, bytes), batch.size_px));
    stains.push_back(stains_of(originals.back(), transform, params, k));
    for (const auto* values : {&stains.back().before, &stains.back().after})
      for (std::size_t i = 0; i < values->size(); ++i) {
        least.at(i % 3) = std::min(least.at(i % 3), (*values)[i]);
        most.at(i % 3) = std::max(most.at(i % 3), (*values)[i]);
      }
  }
  const std::array<std::string, 8> captions{"original", "H",  "E",         "residual",
                                            "H'",       "E'", "residual'", "augmented"};
  Sheet sheet(static_cast<int>(originals.size()), static_cast<int>(captions.size()), params.scale);
  for (std::size_t c = 0; c < captions.size(); ++c)
    sheet.caption(captions.at(c), static_cast<int>(c));
  for (std::size_t k = 0; k < originals.size(); ++k) {
    const auto row = static_cast<int>(k);
    sheet.put(originals[k], row, 0);
    for (std::size_t c = 0; c < 3; ++c) {
      const auto column = static_cast<int>(c);
      sheet.put(grey(stains[k].before, c, least.at(c), most.at(c)), row, 1 + column);
      sheet.put(grey(stains[k].after, c, least.at(c), most.at(c)), row, 4 + column);
    }
    std::vector<float> rgb(stains[k].after.size());
    transform.to_rgb(stains[k].after, rgb);
    sheet.put(picture(planes_of(rgb)), row, 7);
  }
  return sheet.png();
}

}  // namespace mito::contact_sheet
