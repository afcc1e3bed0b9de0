#pragma once
#include <cstdint>
#include <vector>

namespace mito::slide {

/// The source pixels one output pixel of an axis is made of: source[first + k] * weight[k].
struct Taps {
  std::int64_t first = 0;
  std::vector<double> weights;  ///< Sum to 1.
};

/// Weights of output pixel `index` of a grid with `scale` source pixels per pixel, where output
/// pixel g covers [g scale, (g + 1) scale): the exact share of every source pixel for scale >= 1,
/// bilinear between pixel centres below. A function of `index` and `scale` alone.
Taps taps(std::int64_t index, double scale);

/// Taps of pixels from .. from + count - 1.
std::vector<Taps> taps(std::int64_t from, std::int64_t count, double scale);

/// Resamples pixels of `channels` samples by one set of taps per output column and row. `source`
/// holds rows y0.. and columns x0.. of the source, `source_width` to a row, and covers all taps;
/// `out` is [rows.size()][columns.size()][channels] with `out_stride` bytes to a row.
void resample(const std::uint8_t* source,
              std::int64_t source_width,
              std::int64_t x0,
              std::int64_t y0,
              const std::vector<Taps>& columns,
              const std::vector<Taps>& rows,
              std::uint8_t* out,
              std::int64_t out_stride,
              int channels = 3);

}  // namespace mito::slide
