#include "nodes/detector/augmentation/smooth.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "engine/core/error.h"
#include "engine/image/border.h"
#include "engine/image/kernels.h"

namespace mito::image {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

std::size_t area(int width, int height) { return index(width) * index(height); }

enum class Border { Reflect, Zero };

/// Centre and one side of a Gaussian whose two sides and centre sum to 1.
template <class T>
std::vector<T> half_kernel(double sigma) {
  if (!(sigma >= 0)) throw DataError("smoothing: sigma must not be negative");
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): so method 6.3 defines it
  const int radius = static_cast<int>(4 * sigma + 0.5);
  std::vector<double> weights{1.0};
  double sum = 1;
  for (int t = 1; t <= radius; ++t) {
    weights.push_back(std::exp(-0.5 * t * t / (sigma * sigma)));
    sum += 2 * weights.back();
  }
  std::vector<T> kernel;
  kernel.reserve(weights.size());
  for (const double w : weights) kernel.push_back(static_cast<T>(w / sum));
  return kernel;
}

/// Both passes over one channel; only the pixels of `part` are made, [part.height][part.width].
template <class T>
void smooth(const T* in,
            int width,
            int height,
            const std::vector<T>& kernel,
            Border border,
            const Part& part,
            SmoothScratch<T>& scratch,
            T* out) {
  const int radius = static_cast<int>(kernel.size()) - 1;
  const auto columns = index(part.width);
  std::vector<char> needed(index(height), 0);  // by the second pass
  for (int y = part.y - radius; y < part.y + part.height + radius; ++y)
    if (border == Border::Reflect || (y >= 0 && y < height)) needed[index(reflect(y, height))] = 1;

  auto& rows = scratch.rows;
  // Lines an odd number of cache lines apart: numbers above each other do not share cache sets.
  constexpr std::size_t kCacheLine = 64 / sizeof(T);
  const std::size_t step = ((columns + kCacheLine - 1) / kCacheLine | 1) * kCacheLine;
  rows.resize(index(height) * step);
  auto& padded = scratch.padded;
  padded.assign(index(width + 2 * radius), T{0});
  for (int y = 0; y < height; ++y) {
    if (needed[index(y)] == 0) continue;
    const T* const from = in + index(y) * index(width);
    std::copy_n(from, width, padded.data() + radius);
    for (int t = 1; border == Border::Reflect && t <= radius; ++t) {
      padded[index(radius - t)] = from[reflect(-t, width)];
      padded[index(radius + width - 1 + t)] = from[reflect(width - 1 + t, width)];
    }
    kernels::weigh_along(kernel, padded.data() + radius + part.x, columns,
                         rows.data() + index(y) * step);
  }

  scratch.zeros.assign(columns, T{0});
  auto& lines = scratch.lines;  // those of the part and `radius` more on either side
  lines.clear();
  for (int y = part.y - radius; y < part.y + part.height + radius; ++y)
    lines.push_back(border == Border::Zero && (y < 0 || y >= height)
                        ? scratch.zeros.data()
                        : rows.data() + index(reflect(y, height)) * step);
  constexpr std::size_t kStrip = 256 / sizeof(T);  // narrow, so that its lines stay in the cache
  for (std::size_t x = 0; x < columns; x += kStrip) {
    for (int y = 0; y < part.height; ++y)
      kernels::weigh_across(kernel, lines.data() + radius + y, x, std::min(kStrip, columns - x),
                            out + index(y) * columns + x);
  }
}

void check_size(std::size_t given, std::size_t wanted) {
  if (given != wanted)
    throw DataError("smoothing: expected " + std::to_string(wanted) + " values, got " +
                    std::to_string(given));
}

/// One direction of an elastic field.
template <class T>
void smooth_noise(const T* noise,
                  int width,
                  int height,
                  double alpha,
                  const std::vector<T>& kernel,
                  SmoothScratch<T>& scratch,
                  std::vector<double>& out) {
  out.resize(area(width, height));
  if (out.empty()) return;
  scratch.smoothed.resize(out.size());
  smooth<T>(noise, width, height, kernel, Border::Zero, {0, 0, width, height}, scratch,
            scratch.smoothed.data());
  std::ranges::transform(scratch.smoothed, out.begin(),
                         [alpha](T v) { return alpha * static_cast<double>(v); });
}

}  // namespace

void blur_part(std::span<const float> plane,
               int width,
               double sigma,
               const Part& part,
               SmoothScratch<float>& scratch,
               std::span<float> out) {
  const auto kernel = half_kernel<float>(sigma);
  const int height = static_cast<int>(plane.size() / index(width));
  check_size(out.size(), area(part.width, part.height));
  if (kernel.size() == 1) {
    for (int y = 0; y < part.height; ++y)
      std::copy_n(plane.data() + index(part.y + y) * index(width) + index(part.x), part.width,
                  out.data() + index(y) * index(part.width));
    return;
  }
  smooth<float>(plane.data(), width, height, kernel, Border::Reflect, part, scratch, out.data());
}

Pixels blur(const Pixels& in, double sigma) {
  check_size(in.values.size(), area(in.width, in.height) * index(in.channels));
  const auto kernel = half_kernel<float>(sigma);
  if (kernel.size() == 1 || in.values.empty()) return in;
  Pixels out = in;
  const auto channels = index(in.channels);
  std::vector<float> plane(area(in.width, in.height));
  std::vector<float> blurred(plane.size());
  SmoothScratch<float> scratch;
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = in.values[i * channels + c];
    blur_part(plane, in.width, sigma, {0, 0, in.width, in.height}, scratch, blurred);
    for (std::size_t i = 0; i < plane.size(); ++i) out.values[i * channels + c] = blurred[i];
  }
  return out;
}

Displacement elastic_field(int width,
                           int height,
                           std::span<const double> noise_x,
                           std::span<const double> noise_y,
                           double alpha,
                           double sigma) {
  check_size(noise_x.size(), area(width, height));
  check_size(noise_y.size(), area(width, height));
  // In double: the sum over some 80 x 80 px is near 0 and then multiplied by 100 or so.
  const auto kernel = half_kernel<double>(sigma);
  SmoothScratch<double> scratch;
  Displacement out{width, height, {}, {}};
  smooth_noise<double>(noise_x.data(), width, height, alpha, kernel, scratch, out.dx);
  smooth_noise<double>(noise_y.data(), width, height, alpha, kernel, scratch, out.dy);
  return out;
}

void random_elastic_field(int width,
                          int height,
                          double alpha,
                          double sigma,
                          RandomStream& random,
                          SmoothScratch<float>& scratch,
                          Displacement& out) {
  // In single precision, twice as fast: that moves pixels by some 3e-8 alpha px.
  const auto kernel = half_kernel<float>(sigma);
  out.width = width;
  out.height = height;
  scratch.words.resize(area(width, height));
  scratch.noise.resize(scratch.words.size());
  for (auto* v : {&out.dx, &out.dy}) {
    random.words(scratch.words);
    kernels::symmetric(scratch.words.data(), scratch.words.size(), scratch.noise.data());
    smooth_noise<float>(scratch.noise.data(), width, height, alpha, kernel, scratch, *v);
  }
}

Displacement random_elastic_field(
    int width, int height, double alpha, double sigma, RandomStream& random) {
  SmoothScratch<float> scratch;
  Displacement out;
  random_elastic_field(width, height, alpha, sigma, random, scratch, out);
  return out;
}

Displacement rotation_field(int size, double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  const double cosine = std::cos(angle);
  const double sine = std::sin(angle);
  const double centre = (size - 1) / 2.0;
  Displacement out{size, size, {}, {}};
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const double right = x - centre;
      const double down = y - centre;
      out.dx.push_back(cosine * right - sine * down - right);
      out.dy.push_back(sine * right + cosine * down - down);
    }
  }
  return out;
}

void warp_fours(const float* pixels, const Displacement& field, float* out) {
  constexpr int kMost = static_cast<int>(kernels::WarpRow::kMax);
  kernels::WarpRow row;
  for (int y = 0; y < field.height; ++y) {
    for (int x = 0; x < field.width; x += kMost) {
      const int n = std::min(kMost, field.width - x);
      const auto at = index(y) * index(field.width) + index(x);
      kernels::warp_row(field.dx.data() + at, field.dy.data() + at, x, y, n, field.width,
                        field.height, row);
      kernels::warp_pixels(pixels, row, n, out + 4 * at);
    }
  }
}

Pixels warp(const Pixels& in, const Displacement& field) {
  const auto channels = index(in.channels);
  check_size(in.values.size(), area(in.width, in.height) * channels);
  if (field.width != in.width || field.height != in.height)
    throw DataError("warp: a field of " + std::to_string(field.width) + " x " +
                    std::to_string(field.height) + " px does not fit an image of " +
                    std::to_string(in.width) + " x " + std::to_string(in.height) + " px");
  Pixels out{in.width, in.height, in.channels, std::vector<float>(in.values.size())};
  const std::size_t n = area(in.width, in.height);
  std::vector<float> fours(4 * n);
  std::vector<float> warped(4 * n);
  for (std::size_t first = 0; first < channels; first += 4) {
    const auto some = std::min<std::size_t>(4, channels - first);
    for (std::size_t i = 0; i < n; ++i)
      std::copy_n(in.values.data() + i * channels + first, some, fours.data() + 4 * i);
    warp_fours(fours.data(), field, warped.data());
    for (std::size_t i = 0; i < n; ++i)
      std::copy_n(warped.data() + 4 * i, some, out.values.data() + i * channels + first);
  }
  return out;
}

}  // namespace mito::image
