#include "engine/image/smooth.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/image/border.h"

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

/// Two lines as far from a centre line, on either side of it.
template <class T>
struct Pair {
  const T* before;
  const T* after;
};

/// out[i] = kernel[0] centre[i] + sum of kernel[t] (before_t[i] + after_t[i]) for i < n.
template <class T>
void weigh(const std::vector<T>& kernel,
           const T* centre,
           const std::vector<Pair<T>>& pairs,
           std::size_t n,
           T* out) {
  constexpr std::size_t kLanes = 16;  // sums stay in registers
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    std::array<T, kLanes> sum;
    for (std::size_t j = 0; j < kLanes; ++j) sum[j] = kernel[0] * centre[i + j];
    for (std::size_t t = 0; t < pairs.size(); ++t) {
      const T w = kernel[t + 1];
      const T* const a = pairs[t].before + i;
      const T* const b = pairs[t].after + i;
      for (std::size_t j = 0; j < kLanes; ++j) sum[j] += w * (a[j] + b[j]);
    }
    std::copy_n(sum.data(), kLanes, out + i);
  }
  for (; i < n; ++i) {
    T sum = kernel[0] * centre[i];
    for (std::size_t t = 0; t < pairs.size(); ++t)
      sum += kernel[t + 1] * (pairs[t].before[i] + pairs[t].after[i]);
    out[i] = sum;
  }
}

/// Both passes over [height][width][channels].
template <class T>
std::vector<T> smooth(std::span<const T> in,
                      int width,
                      int height,
                      int channels,
                      const std::vector<T>& kernel,
                      Border border) {
  const int radius = static_cast<int>(kernel.size()) - 1;
  const std::size_t line = area(width, channels);
  std::vector<Pair<T>> pairs(index(radius));

  std::vector<T> rows(in.size());
  std::vector<T> padded(area(width + 2 * radius, channels), T{0});
  const T* const centre = padded.data() + area(radius, channels);
  for (int t = 1; t <= radius; ++t)
    pairs[index(t - 1)] = {centre - area(t, channels), centre + area(t, channels)};
  for (int y = 0; y < height; ++y) {
    const T* const from = in.data() + index(y) * line;
    std::copy_n(from, line, padded.begin() + static_cast<std::ptrdiff_t>(area(radius, channels)));
    for (int t = 1; border == Border::Reflect && t <= radius; ++t) {
      std::copy_n(from + area(reflect(-t, width), channels), channels,
                  padded.data() + area(radius - t, channels));
      std::copy_n(from + area(reflect(width - 1 + t, width), channels), channels,
                  padded.data() + area(radius + width - 1 + t, channels));
    }
    weigh(kernel, centre, pairs, line, rows.data() + index(y) * line);
  }

  const std::vector<T> zeros(line, T{0});
  const auto row = [&](int y) {
    if (border == Border::Zero && (y < 0 || y >= height)) return zeros.data();
    return static_cast<const T*>(rows.data()) + index(reflect(y, height)) * line;
  };
  std::vector<T> out(in.size());
  for (int y = 0; y < height; ++y) {
    for (int t = 1; t <= radius; ++t) pairs[index(t - 1)] = {row(y - t), row(y + t)};
    weigh(kernel, row(y), pairs, line, out.data() + index(y) * line);
  }
  return out;
}

void check_size(std::size_t given, std::size_t wanted) {
  if (given != wanted)
    throw DataError("smoothing: expected " + std::to_string(wanted) + " values, got " +
                    std::to_string(given));
}

}  // namespace

Pixels blur(const Pixels& in, double sigma) {
  check_size(in.values.size(), area(in.width, in.height) * index(in.channels));
  const auto kernel = half_kernel<float>(sigma);
  if (kernel.size() == 1 || in.values.empty()) return in;
  return {in.width, in.height, in.channels,
          smooth<float>(in.values, in.width, in.height, in.channels, kernel, Border::Reflect)};
}

Displacement elastic_field(int width,
                           int height,
                           std::span<const double> noise_x,
                           std::span<const double> noise_y,
                           double alpha,
                           double sigma) {
  check_size(noise_x.size(), area(width, height));
  check_size(noise_y.size(), area(width, height));
  // In double: the sum over some 80 x 80 px is near 0 and then multiplied by 100 or so, which would
  // leave single precision with errors of 1e-6 px.
  const auto kernel = half_kernel<double>(sigma);
  Displacement out{width, height, {}, {}};
  if (noise_x.empty()) return out;
  out.dx = smooth<double>(noise_x, width, height, 1, kernel, Border::Zero);
  out.dy = smooth<double>(noise_y, width, height, 1, kernel, Border::Zero);
  for (auto& v : out.dx) v *= alpha;
  for (auto& v : out.dy) v *= alpha;
  return out;
}

Displacement random_elastic_field(
    int width, int height, double alpha, double sigma, RandomStream& random) {
  std::vector<double> noise_x(area(width, height));
  std::vector<double> noise_y(noise_x.size());
  for (auto& v : noise_x) v = random.uniform(-1, 1);
  for (auto& v : noise_y) v = random.uniform(-1, 1);
  return elastic_field(width, height, noise_x, noise_y, alpha, sigma);
}

Pixels warp(const Pixels& in, const Displacement& field) {
  check_size(in.values.size(), area(in.width, in.height) * index(in.channels));
  if (field.width != in.width || field.height != in.height)
    throw DataError("warp: a field of " + std::to_string(field.width) + " x " +
                    std::to_string(field.height) + " px does not fit an image of " +
                    std::to_string(in.width) + " x " + std::to_string(in.height) + " px");
  Pixels out{in.width, in.height, in.channels, std::vector<float>(in.values.size())};
  const auto pixel = [&](int x, int y) {
    return in.values.data() + (index(y) * index(in.width) + index(x)) * index(in.channels);
  };
  std::size_t i = 0;
  float* to = out.values.data();
  for (int y = 0; y < in.height; ++y) {
    for (int x = 0; x < in.width; ++x, ++i, to += in.channels) {
      const double at_x = x + field.dx[i];
      const double at_y = y + field.dy[i];
      const double low_x = std::floor(at_x);
      const double low_y = std::floor(at_y);
      const auto wx = static_cast<float>(at_x - low_x);
      const auto wy = static_cast<float>(at_y - low_y);
      const int x0 = reflect(static_cast<int>(low_x), in.width);
      const int x1 = reflect(static_cast<int>(low_x) + 1, in.width);
      const int y0 = reflect(static_cast<int>(low_y), in.height);
      const int y1 = reflect(static_cast<int>(low_y) + 1, in.height);
      const float* const a = pixel(x0, y0);
      const float* const b = pixel(x1, y0);
      const float* const c = pixel(x0, y1);
      const float* const d = pixel(x1, y1);
      for (int channel = 0; channel < in.channels; ++channel) {
        const float top = a[channel] * (1 - wx) + b[channel] * wx;
        const float bottom = c[channel] * (1 - wx) + d[channel] * wx;
        to[channel] = top * (1 - wy) + bottom * wy;
      }
    }
  }
  return out;
}

}  // namespace mito::image
