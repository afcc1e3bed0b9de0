#include "nodes/train_cnn/samples.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/slide/slide.h"

namespace mito::train_cnn {
namespace {

constexpr std::int64_t kCell = 4;  // px: side of the blocks that dark_spots looks at
constexpr double kGlass = 0.85;    // mean intensity of empty glass and lumen

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

double square(double v) { return v * v; }

double distance2(const Position& a, const Position& b) {
  return square(static_cast<double>(a.x) - b.x) + square(static_cast<double>(a.y) - b.y);
}

/// Mean intensity in [0, 1] of a rectangle, cut at the image border.
double mean_intensity(const Image& image, std::int64_t x0, std::int64_t y0, std::int64_t side) {
  std::int64_t sum = 0;
  std::int64_t count = 0;
  for (auto y = std::max<std::int64_t>(0, y0); y < std::min(image.height, y0 + side); ++y) {
    for (auto x = std::max<std::int64_t>(0, x0); x < std::min(image.width, x0 + side); ++x) {
      const auto* p = &image.rgb[index((y * image.width + x) * 3)];
      sum += p[0] + p[1] + p[2];
      ++count;
    }
  }
  return count == 0 ? 1.0 : static_cast<double>(sum) / (765.0 * static_cast<double>(count));
}

Position rounded(const Grid& grid, const PointL0& point) {
  const PointL0 g = grid.from_level0(point);
  return {static_cast<std::int32_t>(std::lround(g.x)), static_cast<std::int32_t>(std::lround(g.y))};
}

}  // namespace

std::vector<Image> read_images(const AnnotatedImages& data,
                               double memory_mib,
                               const std::function<bool()>& stop) {
  std::vector<Image> images;
  double bytes = 0;
  for (const auto& source : data.images) {
    if (stop()) throw Interrupted("stopped while reading the training images");
    SlideOptions options;
    options.assume_mpp = data.assume_mpp;
    const Slide slide = Slide::open(source.path, options);
    const Grid& grid = slide.analysis_grid();
    bytes += 3.0 * static_cast<double>(grid.width) * static_cast<double>(grid.height);
    if (bytes > memory_mib * 1048576.0)
      throw DataError(
          fmt::format("the training images need more than {} MiB; raise memory_mib or "
                      "give fewer images",
                      memory_mib));
    Image image{slide.info().name,
                source.case_id,
                grid.width,
                grid.height,
                slide.read(grid, grid.bounds()),
                {}};
    for (const auto& point : source.mitoses) {
      const Position at = rounded(grid, point);
      if (!grid.bounds().contains(at.x, at.y))
        throw DataError(fmt::format("{}: the mitosis at ({}, {}) lies outside the image",
                                    source.path.string(), point.x, point.y));
      image.mitoses.push_back(at);
    }
    images.push_back(std::move(image));
  }
  return images;
}

std::vector<Position> dark_spots(const Image& image, double max_intensity, double spacing_px) {
  const std::int64_t columns = image.width / kCell;
  const std::int64_t rows = image.height / kCell;
  struct Spot {
    double intensity;
    Position at;
  };
  std::vector<Spot> spots;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      const double value =
          mean_intensity(image, (column - 1) * kCell, (row - 1) * kCell, 3 * kCell);
      if (value < max_intensity)
        spots.push_back({value,
                         {static_cast<std::int32_t>(column * kCell + kCell / 2),
                          static_cast<std::int32_t>(row * kCell + kCell / 2)}});
    }
  }
  std::ranges::stable_sort(spots, {}, &Spot::intensity);

  const auto reach = static_cast<std::int64_t>(std::ceil(spacing_px / kCell));
  std::vector<char> taken(index(columns * rows), 0);
  std::vector<Position> out;
  for (const auto& spot : spots) {
    const std::int64_t column = spot.at.x / kCell;
    const std::int64_t row = spot.at.y / kCell;
    if (taken[index(row * columns + column)] != 0) continue;
    out.push_back(spot.at);
    for (auto r = std::max<std::int64_t>(0, row - reach); r <= std::min(rows - 1, row + reach);
         ++r) {
      for (auto c = std::max<std::int64_t>(0, column - reach);
           c <= std::min(columns - 1, column + reach); ++c) {
        const double apart = square(static_cast<double>((r - row) * kCell)) +
                             square(static_cast<double>((c - column) * kCell));
        if (apart < square(spacing_px)) taken[index(r * columns + c)] = 1;
      }
    }
  }
  return out;
}

bool far_from_mitoses(const Image& image, const Position& at, double distance_px) {
  return std::ranges::none_of(image.mitoses, [&](const Position& mitosis) {
    return distance2(mitosis, at) <= square(distance_px);
  });
}

std::vector<Sample> positives(const std::vector<Image>& images) {
  std::vector<Sample> out;
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (const auto& at : images[i].mitoses) out.push_back({static_cast<std::int32_t>(i), at});
  }
  return out;
}

std::vector<Sample> spot_negatives(const std::vector<Image>& images,
                                   double max_intensity,
                                   double spacing_px,
                                   double exclusion_px) {
  std::vector<Sample> out;
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (const auto& at : dark_spots(images[i], max_intensity, spacing_px)) {
      if (far_from_mitoses(images[i], at, exclusion_px))
        out.push_back({static_cast<std::int32_t>(i), at});
    }
  }
  return out;
}

std::vector<Sample> uniform_negatives(const std::vector<Image>& images,
                                      std::int64_t count,
                                      double exclusion_px,
                                      RandomStream& random) {
  constexpr std::int64_t kTriesPerSample = 1000;
  constexpr std::int64_t kWindow = 9;
  std::vector<Sample> out;
  for (std::int64_t tries = 0; std::ssize(out) < count; ++tries) {
    if (tries > kTriesPerSample * count)
      throw DataError("hardly any tissue in the training images is far enough from mitoses");
    const auto i = random.below(static_cast<std::uint32_t>(images.size()));
    const Image& image = images[i];
    const Position at{
        static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(image.width))),
        static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(image.height)))};
    if (far_from_mitoses(image, at, exclusion_px) &&
        mean_intensity(image, at.x - kWindow / 2, at.y - kWindow / 2, kWindow) < kGlass)
      out.push_back({static_cast<std::int32_t>(i), at});
  }
  return out;
}

std::vector<Sample> draw(const std::vector<Sample>& pool,
                         std::int64_t count,
                         RandomStream& random) {
  const auto order = permutation(static_cast<std::uint32_t>(pool.size()), random);
  std::vector<Sample> out;
  for (std::size_t i = 0; i < order.size() && std::ssize(out) < count; ++i)
    out.push_back(pool[order[i]]);
  return out;
}

std::vector<Sample> draw_weighted(const std::vector<Sample>& pool,
                                  std::span<const double> weights,
                                  std::int64_t count,
                                  RandomStream& random) {
  if (weights.size() != pool.size())
    throw DataError(fmt::format("{} weights for {} samples", weights.size(), pool.size()));
  const auto sums = running_sums(weights);
  std::vector<Sample> out;
  for (std::int64_t i = 0; i < count; ++i)
    out.push_back(pool[weighted_index(sums, random.uniform())]);
  return out;
}

void plain_patch(const nn::PixelView& pixels, const Position& at, std::span<float> out) {
  nn::cut_patch(pixels, at.x, at.y, out);
}

void augmented_patch(const nn::PixelView& pixels,
                     const Position& at,
                     const image::Augmentation& augmentation,
                     RandomStream& random,
                     std::span<float> out) {
  constexpr int kHalf = image::kPatchSize / 2;
  const auto rgb =
      nn::cut(pixels, {at.x - kHalf, at.y - kHalf, image::kPatchSize, image::kPatchSize});
  const auto patch = image::augment(image::to_patch(rgb, image::kPatchSize), augmentation, random);
  const std::size_t plane = patch.values.size() / 3;
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) out[c * plane + i] = patch.values[3 * i + c];
  }
}

BestF1 best_f1(std::span<const float> positive_scores, std::span<const float> negative_scores) {
  if (positive_scores.empty() || negative_scores.empty())
    throw DataError("F1 needs samples of both classes");
  std::vector<std::pair<float, bool>> all;
  for (const float s : positive_scores) all.emplace_back(s, true);
  for (const float s : negative_scores) all.emplace_back(s, false);
  std::ranges::sort(all, std::greater<>{});
  BestF1 best;
  double hits = 0;
  double claims = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    claims += 1;
    hits += all[i].second ? 1 : 0;
    if (i + 1 < all.size() && all[i + 1].first == all[i].first) continue;
    const double total = static_cast<double>(positive_scores.size());
    const double f1 = 2 * hits / (claims + total);
    if (f1 > best.f1) best = {f1, static_cast<double>(all[i].first), hits / claims, hits / total};
  }
  return best;
}

BestF1 f1_at(double threshold,
             std::span<const float> positive_scores,
             std::span<const float> negative_scores) {
  const auto claimed = [&](std::span<const float> scores) {
    return static_cast<double>(std::ranges::count_if(
        scores, [&](float s) { return static_cast<double>(s) >= threshold; }));
  };
  const double hits = claimed(positive_scores);
  const double claims = hits + claimed(negative_scores);
  const auto total = static_cast<double>(positive_scores.size());
  const auto ratio = [](double part, double of) { return of > 0 ? part / of : 0.0; };
  return {ratio(2 * hits, claims + total), threshold, ratio(hits, claims), ratio(hits, total)};
}

}  // namespace mito::train_cnn
