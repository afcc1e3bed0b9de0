#include "engine/nn/dense.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/types/rect.h"

namespace mito::nn {
namespace {

// Every batch is filled up to this size: a matrix product may round rows differently in others.
constexpr std::int64_t kBatch = 16;
constexpr auto kPatchNumbers = std::size_t{3 * kPatch * kPatch};
constexpr std::uint8_t kWhite = 255;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

/// Rectangles of wanted blocks that together cover those of `core`, each at most how.most_blocks
/// along an axis: as wide as there are wanted blocks side by side, then as high.
std::vector<Rect> parts(const Rect& core,
                        const DenseParts& how,
                        const std::function<bool(const Rect& block)>& wanted) {
  const auto most = how.most_blocks;
  const auto side = how.block_px;
  const auto left = floor_to(core.x, side);
  const auto top = floor_to(core.y, side);
  const auto columns = (core.x + core.width - left + side - 1) / side;
  const auto rows = (core.y + core.height - top + side - 1) / side;
  std::vector<char> open(index(columns * rows));
  for (std::int64_t i = 0; i < columns * rows; ++i) {
    const Rect block{left + i % columns * side, top + i / columns * side, side, side};
    open[index(i)] = wanted(intersection(block, core)) ? 1 : 0;
  }
  std::vector<Rect> out;
  for (std::int64_t i = 0; i < columns * rows; ++i) {
    if (open[index(i)] == 0) continue;
    const auto row_open = [&](std::int64_t first, std::int64_t n) {
      return std::all_of(open.begin() + first, open.begin() + first + n,
                         [](char o) { return o != 0; });
    };
    std::int64_t width = 1;
    while (width < std::min(most, columns - i % columns) && open[index(i + width)] != 0) ++width;
    std::int64_t height = 1;
    while (height < std::min(most, rows - i / columns) && row_open(i + height * columns, width))
      ++height;
    for (std::int64_t y = 0; y < height; ++y) std::fill_n(open.begin() + i + y * columns, width, 0);
    out.push_back(
        {left + i % columns * side, top + i / columns * side, width * side, height * side});
  }
  return out;
}

/// One of the eight images of a block of pixels that mirrors and a transposition make.
struct View {
  bool mirror_x = false;
  bool mirror_y = false;
  bool transpose = false;

  explicit View(int number)
      : mirror_x((number & 1) != 0), mirror_y((number & 2) != 0), transpose((number & 4) != 0) {}

  bool straight() const { return !mirror_x && !mirror_y && !transpose; }

  /// Calls move(there, here) for every place of an array of height x width: index in the image, in
  /// rows of width or, transposed, of height; index in the array itself.
  void each(std::int64_t height, std::int64_t width, auto&& move) const {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const auto column = mirror_x ? width - 1 - x : x;
        const auto row = mirror_y ? height - 1 - y : y;
        move(index(transpose ? column * height + row : row * width + column), index(y * width + x));
      }
    }
  }
};

/// What is read for a part, so that its view has before_px before the first output.
Rect read_for(const Rect& part, const DenseParts& how, const View& view = View(0)) {
  const auto margin = how.before_px + how.behind_px + how.context_px;
  const auto before = [&](bool mirrored) {
    return mirrored ? margin - how.before_px + kStride - 1 : how.before_px;
  };
  return {part.x - before(view.mirror_x), part.y - before(view.mirror_y), part.width + margin,
          part.height + margin};
}

/// The pixels of `read` as `view` shows them.
std::vector<std::uint8_t> seen(const PixelView& pixels, const Rect& read, const View& view) {
  auto straight = cut(pixels, read);
  if (view.straight()) return straight;
  std::vector<std::uint8_t> out(straight.size());
  view.each(read.height, read.width, [&](std::size_t there, std::size_t here) {
    std::copy_n(&straight[3 * here], 3, &out[3 * there]);
  });
  return out;
}

/// The values of parts of one size, at most how.batch, by what `view` shows of them: those of each
/// part row by row, [part.height / 4][part.width / 4].
std::vector<float> batch_map(const Network& network,
                             const PixelView& pixels,
                             std::span<const Rect> parts,
                             const View& view) {
  const DenseParts how = network.dense_parts();
  const Rect read = read_for(parts[0], how, view);
  std::vector<std::uint8_t> rgb;
  for (const Rect& part : parts) {
    auto one = seen(pixels, read_for(part, how, view), view);
    if (rgb.empty())
      rgb = std::move(one);
    else
      rgb.insert(rgb.end(), one.begin(), one.end());
  }
  rgb.resize(index(how.batch * read.height * read.width * 3), kWhite);  // always a whole batch
  const auto [height, width] =
      view.transpose ? std::pair(read.width, read.height) : std::pair(read.height, read.width);
  auto values = network.probability_map(rgb, height, width);
  if (view.straight()) return values;
  const auto block = values.size() / index(how.batch);
  std::vector<float> back(values.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    view.each(parts[0].height / kStride, parts[0].width / kStride,
              [&](std::size_t there, std::size_t here) {
                back[i * block + here] = values[i * block + there];
              });
  }
  return back;
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

void cut_patch(const PixelView& pixels,
               std::int64_t x,
               std::int64_t y,
               std::span<float> out,
               std::int64_t side) {
  const auto rgb = cut(pixels, {x - side / 2, y - side / 2, side, side});
  const auto plane = index(side * side);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < plane; ++i)
      out[c * plane + i] = static_cast<float>(rgb[3 * i + c]) / 255.0F;
  }
}

PatchScorer::PatchScorer(const Network& network)
    : network_(network),
      numbers_(index(3 * network.patch_px() * network.patch_px())),
      batch_(index(kBatch) * numbers_) {}

void PatchScorer::add(const PixelView& pixels, std::int64_t x, std::int64_t y) {
  cut_patch(pixels, x, y, std::span(batch_).subspan(index(waiting_) * numbers_, numbers_),
            network_.patch_px());
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
                                       const std::function<bool(const Rect& block)>& wanted,
                                       int views) {
  if (core.x % kStride != 0 || core.y % kStride != 0)
    throw DataError(fmt::format("a probability map starts at a multiple of {} px, not at ({}, {})",
                                kStride, core.x, core.y));
  const DenseParts how = network.dense_parts();
  const auto columns = (core.width + kStride - 1) / kStride;
  const auto rows = (core.height + kStride - 1) / kStride;
  std::vector<float> map(index(columns * rows), 0.0F);
  const auto keep = [&](const Rect& part, std::span<const float> values) {
    const Rect used = intersection(part, core);
    for (auto y = used.y; y < used.y + used.height; y += kStride) {
      const auto from =
          (y - part.y) / kStride * (part.width / kStride) + (used.x - part.x) / kStride;
      const auto to = (y - core.y) / kStride * columns + (used.x - core.x) / kStride;
      std::copy_n(&values[index(from)], (used.width + kStride - 1) / kStride, &map[index(to)]);
    }
  };
  const auto all = parts(core, how, wanted);
  const auto batch = index(how.batch);
  for (std::size_t first = 0; first < all.size(); first += batch) {
    const auto some = std::span(all).subspan(first, std::min(batch, all.size() - first));
    std::vector<float> mean;
    for (int i = 0; i < views; ++i) {
      auto values = batch_map(network, pixels, some, View(i));
      if (i > 0) std::ranges::transform(mean, values, values.begin(), std::plus());
      mean = std::move(values);
    }
    if (views > 1)
      for (auto& value : mean) value /= static_cast<float>(views);
    const auto block = mean.size() / batch;
    for (std::size_t i = 0; i < some.size(); ++i)
      keep(some[i], std::span(mean).subspan(i * block, block));
  }
  return map;
}

std::vector<ScoredPoint> box_centres(const Network& network,
                                     const PixelView& pixels,
                                     const Rect& core,
                                     const std::function<bool(const Rect& block)>& wanted) {
  const DenseParts how = network.dense_parts();
  std::vector<ScoredPoint> out;
  for (const Rect& part : parts(core, how, wanted)) {
    const Rect read = read_for(part, how);
    for (const auto& box : network.boxes(cut(pixels, read), read.height, read.width)) {
      const double x = std::floor(box.x);
      const double y = std::floor(box.y);
      // Also what is no number lies outside.
      if (!(x >= 0 && y >= 0 && x < static_cast<double>(part.width) &&
            y < static_cast<double>(part.height)))
        continue;
      out.push_back({part.x + static_cast<std::int64_t>(x), part.y + static_cast<std::int64_t>(y),
                     box.probability});
    }
  }
  return out;
}

float highest_in(const ProbabilityTile& map, const Rect& part) {
  float best = 0;
  for (auto y = part.y; y < part.y + part.height; y += kStride) {
    const auto first = (y - map.core.y) / kStride * map.columns() + (part.x - map.core.x) / kStride;
    const auto row = std::span(map.probability)
                         .subspan(index(first), index((part.width + kStride - 1) / kStride));
    best = std::max(best, std::ranges::max(row));
  }
  return best;
}

}  // namespace mito::nn
