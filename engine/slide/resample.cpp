#include "engine/slide/resample.h"

#include <algorithm>
#include <cmath>

namespace mito::slide {

Taps taps(std::int64_t index, double scale) {
  const double g = static_cast<double>(index);
  if (scale < 1) {
    const double position = (g + 0.5) * scale - 0.5;
    const double below = std::floor(position);
    return {static_cast<std::int64_t>(below), {1 - (position - below), position - below}};
  }
  const double begin = g * scale;
  const double end = (g + 1) * scale;
  Taps out{static_cast<std::int64_t>(std::floor(begin)), {}};
  double sum = 0;
  for (double pixel = std::floor(begin); pixel < end; pixel += 1) {
    out.weights.push_back(std::min(end, pixel + 1) - std::max(begin, pixel));
    sum += out.weights.back();
  }
  for (double& weight : out.weights) weight /= sum;
  return out;
}

std::vector<Taps> taps(std::int64_t from, std::int64_t count, double scale) {
  std::vector<Taps> out;
  out.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) out.push_back(taps(from + i, scale));
  return out;
}

namespace {

template <int kChannels>
void resample_channels(const std::uint8_t* source,
                       std::int64_t source_width,
                       std::int64_t x0,
                       std::int64_t y0,
                       const std::vector<Taps>& columns,
                       const std::vector<Taps>& rows,
                       std::uint8_t* out,
                       std::int64_t out_stride) {
  const std::size_t width = columns.size() * kChannels;
  const std::int64_t last_row =
      rows.back().first + static_cast<std::int64_t>(rows.back().weights.size());
  std::vector<double> narrowed(static_cast<std::size_t>(last_row - y0) * width);
  for (std::int64_t y = 0; y < last_row - y0; ++y) {
    double* to = narrowed.data() + static_cast<std::size_t>(y) * width;
    for (const Taps& column : columns) {
      const std::uint8_t* from = source + (y * source_width + column.first - x0) * kChannels;
      double sum[kChannels] = {};
      for (const double weight : column.weights)
        for (double& channel : sum) channel += weight * *from++;
      to = std::copy_n(sum, kChannels, to);
    }
  }
  std::vector<double> sums(width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::fill(sums.begin(), sums.end(), 0.5);
    const double* from = narrowed.data() + static_cast<std::size_t>(rows[i].first - y0) * width;
    for (const double weight : rows[i].weights) {
      for (std::size_t x = 0; x < width; ++x) sums[x] += weight * from[x];
      from += width;
    }
    std::uint8_t* to = out + static_cast<std::int64_t>(i) * out_stride;
    for (std::size_t x = 0; x < width; ++x) to[x] = static_cast<std::uint8_t>(sums[x]);
  }
}

}  // namespace

void resample(const std::uint8_t* source,
              std::int64_t source_width,
              std::int64_t x0,
              std::int64_t y0,
              const std::vector<Taps>& columns,
              const std::vector<Taps>& rows,
              std::uint8_t* out,
              std::int64_t out_stride,
              int channels) {
  const auto of = channels == 1 ? resample_channels<1> : resample_channels<3>;
  of(source, source_width, x0, y0, columns, rows, out, out_stride);
}

}  // namespace mito::slide
