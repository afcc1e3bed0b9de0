#include "engine/nn/dense.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::nn {
namespace {

constexpr std::int64_t kBlock = 256;
constexpr std::int64_t kBlockOutputs = kBlock / kStride;
constexpr std::int64_t kBlockInput = (kBlockOutputs - 1) * kStride + kReceptiveField;
// Every batch is filled up to this size: a matrix product may round rows differently in others.
constexpr std::int64_t kBatch = 16;
constexpr auto kPatchNumbers = std::size_t{3 * kPatch * kPatch};
constexpr std::uint8_t kWhite = 255;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

Rect intersection(const Rect& a, const Rect& b) {
  const auto x0 = std::max(a.x, b.x);
  const auto y0 = std::max(a.y, b.y);
  const auto x1 = std::min(a.x + a.width, b.x + b.width);
  const auto y1 = std::min(a.y + a.height, b.y + b.height);
  return {x0, y0, std::max<std::int64_t>(0, x1 - x0), std::max<std::int64_t>(0, y1 - y0)};
}

}  // namespace

std::vector<std::uint8_t> cut(const PixelView& pixels, const Rect& wanted) {
  if (pixels.rgb.size() != index(pixels.area.width * pixels.area.height * 3))
    throw DataError(fmt::format("{} bytes are not {} x {} RGB pixels", pixels.rgb.size(),
                                pixels.area.width, pixels.area.height));
  std::vector<std::uint8_t> out(index(wanted.width * wanted.height * 3), kWhite);
  const Rect known = intersection(pixels.area, wanted);
  if (known.width == 0) return out;
  for (auto y = known.y; y < known.y + known.height; ++y) {
    const auto from = ((y - pixels.area.y) * pixels.area.width + known.x - pixels.area.x) * 3;
    const auto to = ((y - wanted.y) * wanted.width + known.x - wanted.x) * 3;
    std::memcpy(&out[index(to)], &pixels.rgb[index(from)], index(known.width * 3));
  }
  return out;
}

void cut_patch(const PixelView& pixels, std::int64_t x, std::int64_t y, std::span<float> out) {
  const auto rgb = cut(pixels, {x - kObjectOffset, y - kObjectOffset, kPatch, kPatch});
  const auto plane = index(kPatch * kPatch);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < plane; ++i)
      out[c * plane + i] = static_cast<float>(rgb[3 * i + c]) / 255.0F;
  }
}

PatchScorer::PatchScorer(const Network& network)
    : network_(network), batch_(index(kBatch) * kPatchNumbers) {}

void PatchScorer::add(const PixelView& pixels, std::int64_t x, std::int64_t y) {
  cut_patch(pixels, x, y,
            std::span(batch_).subspan(index(waiting_) * kPatchNumbers, kPatchNumbers));
  if (++waiting_ == kBatch) evaluate();
}

std::vector<float> PatchScorer::finish() {
  if (waiting_ > 0) evaluate();
  return std::move(out_);
}

void PatchScorer::evaluate() {
  const auto values = network_.probabilities(batch_, kBatch);
  out_.insert(out_.end(), values.begin(), values.begin() + waiting_);
  waiting_ = 0;
}

std::vector<float> patch_probabilities(const Network& network,
                                       const PixelView& pixels,
                                       std::span<const std::int64_t> points) {
  PatchScorer scorer(network);
  for (std::size_t i = 0; i + 1 < points.size(); i += 2)
    scorer.add(pixels, points[i], points[i + 1]);
  return scorer.finish();
}

std::vector<float> patch_probabilities(const Network& network,
                                       std::span<const float> patches,
                                       std::int64_t count) {
  if (patches.size() != index(count) * kPatchNumbers)
    throw DataError(fmt::format("{} numbers are not {} patches of 3 x {} x {}", patches.size(),
                                count, kPatch, kPatch));
  std::vector<float> out;
  std::vector<float> batch(index(kBatch) * kPatchNumbers);
  for (std::int64_t first = 0; first < count; first += kBatch) {
    const auto n = std::min(kBatch, count - first);
    std::copy_n(patches.begin() + first * std::ssize(batch) / kBatch,
                n * std::ssize(batch) / kBatch, batch.begin());
    const auto values = network.probabilities(batch, kBatch);
    out.insert(out.end(), values.begin(), values.begin() + n);
  }
  return out;
}

std::vector<float> dense_probabilities(const Network& network,
                                       const PixelView& pixels,
                                       const Rect& core,
                                       const std::function<bool(const Rect& block)>& wanted) {
  if (core.x % kStride != 0 || core.y % kStride != 0)
    throw DataError(fmt::format("a probability map starts at a multiple of {} px, not at ({}, {})",
                                kStride, core.x, core.y));
  const auto columns = (core.width + kStride - 1) / kStride;
  const auto rows = (core.height + kStride - 1) / kStride;
  std::vector<float> map(index(columns * rows), 0.0F);
  for (auto by = floor_to(core.y, kBlock); by < core.y + core.height; by += kBlock) {
    for (auto bx = floor_to(core.x, kBlock); bx < core.x + core.width; bx += kBlock) {
      const Rect used = intersection({bx, by, kBlock, kBlock}, core);
      if (!wanted(used)) continue;
      const auto input =
          cut(pixels, {bx - kObjectOffset, by - kObjectOffset, kBlockInput, kBlockInput});
      const auto values = network.probability_map(input, kBlockInput, kBlockInput);
      for (auto y = used.y; y < used.y + used.height; y += kStride) {
        for (auto x = used.x; x < used.x + used.width; x += kStride) {
          const auto from = index((y - by) / kStride * kBlockOutputs + (x - bx) / kStride);
          const auto to = index((y - core.y) / kStride * columns + (x - core.x) / kStride);
          map[to] = values[from];
        }
      }
    }
  }
  return map;
}

}  // namespace mito::nn
