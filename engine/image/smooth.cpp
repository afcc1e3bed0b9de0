#include "engine/image/smooth.h"

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
  const int radius = static_cast<int>(4 * sigma + 0.5);
  std::vector<double> weights{1.0};
  double sum = 1;
  for (int t = 1; t <= radius; ++t) {
    weights.push_back(std::exp(-0.5 * t * t / (sigma * sigma)));
    sum += 2 * weights.back();
  }
  std::vector<T> kernel;
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
            T* out) {
  const int radius = static_cast<int>(kernel.size()) - 1;
  const auto columns = index(part.width);
  std::vector<kernels::Pair<T>> pairs(index(radius));

  std::vector<char> needed(index(height), 0);  // by the second pass
  for (int y = part.y - radius; y < part.y + part.height + radius; ++y)
    if (border == Border::Reflect || (y >= 0 && y < height)) needed[index(reflect(y, height))] = 1;
  std::vector<T> rows(index(height) * columns);
  std::vector<T> padded(index(width + 2 * radius), T{0});
  const T* const centre = padded.data() + radius + part.x;
  for (int t = 1; t <= radius; ++t) pairs[index(t - 1)] = {centre - t, centre + t};
  for (int y = 0; y < height; ++y) {
    if (needed[index(y)] == 0) continue;
    const T* const from = in + index(y) * index(width);
    std::copy_n(from, width, padded.data() + radius);
    for (int t = 1; border == Border::Reflect && t <= radius; ++t) {
      padded[index(radius - t)] = from[reflect(-t, width)];
      padded[index(radius + width - 1 + t)] = from[reflect(width - 1 + t, width)];
    }
    kernels::weigh(kernel, centre, pairs.data(), columns, rows.data() + index(y) * columns);
  }

  const std::vector<T> zeros(columns, T{0});
  const auto row = [&](int y) {
    if (border == Border::Zero && (y < 0 || y >= height)) return zeros.data();
    return static_cast<const T*>(rows.data()) + index(reflect(y, height)) * columns;
  };
  for (int y = 0; y < part.height; ++y) {
    for (int t = 1; t <= radius; ++t)
      pairs[index(t - 1)] = {row(part.y + y - t), row(part.y + y + t)};
    kernels::weigh(kernel, row(part.y + y), pairs.data(), columns, out + index(y) * columns);
  }
}

void check_size(std::size_t given, std::size_t wanted) {
  if (given != wanted)
    throw DataError("smoothing: expected " + std::to_string(wanted) + " values, got " +
                    std::to_string(given));
}

/// Smooths noise that is in the field already.
void make_field(Displacement& field, double alpha, double sigma) {
  // In double: the sum over some 80 x 80 px is near 0 and then multiplied by 100 or so, which would
  // leave single precision with errors of 1e-6 px.
  const auto kernel = half_kernel<double>(sigma);
  if (field.dx.empty()) return;
  const Part whole{0, 0, field.width, field.height};
  std::vector<double> smoothed(field.dx.size());
  for (auto* v : {&field.dx, &field.dy}) {
    smooth<double>(v->data(), field.width, field.height, kernel, Border::Zero, whole,
                   smoothed.data());
    std::swap(*v, smoothed);
    for (auto& d : *v) d *= alpha;
  }
}

}  // namespace

void blur_part(
    std::span<const float> plane, int width, double sigma, const Part& part, std::span<float> out) {
  const auto kernel = half_kernel<float>(sigma);
  const int height = static_cast<int>(plane.size() / index(width));
  check_size(out.size(), area(part.width, part.height));
  if (kernel.size() == 1) {
    for (int y = 0; y < part.height; ++y)
      std::copy_n(plane.data() + index(part.y + y) * index(width) + index(part.x), part.width,
                  out.data() + index(y) * index(part.width));
    return;
  }
  smooth<float>(plane.data(), width, height, kernel, Border::Reflect, part, out.data());
}

Pixels blur(const Pixels& in, double sigma) {
  check_size(in.values.size(), area(in.width, in.height) * index(in.channels));
  const auto kernel = half_kernel<float>(sigma);
  if (kernel.size() == 1 || in.values.empty()) return in;
  Pixels out = in;
  const auto channels = index(in.channels);
  std::vector<float> plane(area(in.width, in.height));
  std::vector<float> blurred(plane.size());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = in.values[i * channels + c];
    blur_part(plane, in.width, sigma, {0, 0, in.width, in.height}, blurred);
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
  Displacement out{
      width, height, {noise_x.begin(), noise_x.end()}, {noise_y.begin(), noise_y.end()}};
  make_field(out, alpha, sigma);
  return out;
}

Displacement random_elastic_field(
    int width, int height, double alpha, double sigma, RandomStream& random) {
  Displacement out{width, height, std::vector<double>(area(width, height)), {}};
  out.dy.resize(out.dx.size());
  std::vector<std::uint32_t> words(out.dx.size());
  for (auto* v : {&out.dx, &out.dy}) {
    random.words(words);
    kernels::symmetric(words.data(), words.size(), v->data());
  }
  make_field(out, alpha, sigma);
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
