#include "engine/nn/dense/convolution.h"

#undef HWY_TARGET_INCLUDE
// NOLINTNEXTLINE(readability-identifier-naming): Highway names it
#define HWY_TARGET_INCLUDE "engine/nn/dense/convolution.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/nn/dense/products-inl.h"

#ifndef MITO_NN_DENSE_CONVOLUTION_ONCE
#define MITO_NN_DENSE_CONVOLUTION_ONCE
namespace mito::nn::dense {
namespace {
constexpr std::size_t kBatch = 24;     // Winograd tiles per batch: its products stay in the cache
constexpr std::size_t kProducts = 36;  // of a Winograd tile
}  // namespace
}  // namespace mito::nn::dense
#endif

HWY_BEFORE_NAMESPACE();
namespace mito::nn::dense::HWY_NAMESPACE {
namespace {

template <class D>
HWY_INLINE hn::Vec<D> leaky(D d, hn::Vec<D> x, float slope) {
  return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(x, hn::Set(d, slope)));
}

struct DirectTiles {
  const DirectRow& row;

  template <class D, std::size_t rows, std::size_t vectors>
  HWY_INLINE void run(std::size_t first, std::size_t channel) const {
    const D d;
    hn::Vec<D> sum[rows][vectors];
#pragma GCC unroll 16
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto bias = hn::Load(d, row.bias + channel + v * lanes<D>());
#pragma GCC unroll 16
      for (std::size_t r = 0; r < rows; ++r) sum[r][v] = bias;
    }
    // Pixels without padding lie side by side: the three columns are one piece.
    const bool whole = row.in_channels == row.in_step;
    const std::size_t pieces = whole ? 1 : 3;
    const std::size_t depth = whole ? 3 * row.in_channels : row.in_channels;
    const std::size_t panel_step = 9 * row.in_channels * kPanel;
    const float* weights = row.weights + channel / kPanel * panel_step;
    for (const float* in : row.in) {
      for (std::size_t p = 0; p < pieces; ++p, weights += depth * kPanel) {
        const Factors factors{in + (first * row.stride + p) * row.in_step, row.stride * row.in_step,
                              depth, weights, panel_step};
        accumulate<false>(d, factors, 0, sum);
      }
    }
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
      float* out = row.out + (first + r) * row.out_step + channel;
#pragma GCC unroll 16
      for (std::size_t v = 0; v < vectors; ++v)
        hn::StoreU(leaky(d, sum[r][v], row.slope), d, out + v * lanes<D>());
    }
  }
};

/// out = left * weights
struct Product {
  const float* left;  ///< [rows][depth]
  std::size_t left_step;
  std::size_t rows;
  std::size_t depth;
  const float* weights;  ///< [panel][depth][kPanel]
  float* out;            ///< [rows][out_step]
  std::size_t out_channels;
  std::size_t out_step;
};

struct ProductTiles {
  const Product& product;

  template <class D, std::size_t rows, std::size_t vectors>
  HWY_INLINE void run(std::size_t first, std::size_t channel) const {
    const D d;
    hn::Vec<D> sum[rows][vectors];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 16
      for (std::size_t v = 0; v < vectors; ++v) sum[r][v] = hn::Zero(d);
    }
    const std::size_t panel_step = product.depth * kPanel;
    const Factors factors{product.left + first * product.left_step, product.left_step,
                          product.depth, product.weights + channel / kPanel * panel_step,
                          panel_step};
    accumulate<false>(d, factors, 0, sum);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
      float* out = product.out + (first + r) * product.out_step + channel;
#pragma GCC unroll 16
      for (std::size_t v = 0; v < vectors; ++v) hn::StoreU(sum[r][v], d, out + v * lanes<D>());
    }
  }
};

// B^T of F(4, 3): six samples of a line.
template <class D>
HWY_INLINE void samples_in(D d, const hn::Vec<D> (&x)[6], hn::Vec<D> (&out)[6]) {
  const auto two = hn::Set(d, 2.0F);
  const auto four = hn::Set(d, 4.0F);
  const auto five = hn::Set(d, 5.0F);
  out[0] = hn::MulAdd(four, x[0], hn::NegMulAdd(five, x[2], x[4]));
  const auto even = hn::NegMulAdd(four, x[2], x[4]);
  const auto odd = hn::NegMulAdd(four, x[1], x[3]);
  out[1] = hn::Add(even, odd);
  out[2] = hn::Sub(even, odd);
  const auto inner = hn::Sub(x[4], x[2]);
  const auto outer = hn::Mul(two, hn::Sub(x[3], x[1]));
  out[3] = hn::Add(inner, outer);
  out[4] = hn::Sub(inner, outer);
  out[5] = hn::MulAdd(four, x[1], hn::NegMulAdd(five, x[3], x[5]));
}

// A^T of F(4, 3): four outputs of a line.
template <class D>
HWY_INLINE void outputs_of(D d, const hn::Vec<D> (&m)[6], hn::Vec<D> (&out)[4]) {
  const auto p = hn::Add(m[1], m[2]);
  const auto q = hn::Sub(m[1], m[2]);
  const auto r = hn::Add(m[3], m[4]);
  const auto s = hn::Sub(m[3], m[4]);
  out[0] = hn::Add(m[0], hn::Add(p, r));
  out[1] = hn::MulAdd(hn::Set(d, 2.0F), s, q);
  out[2] = hn::MulAdd(hn::Set(d, 4.0F), r, p);
  out[3] = hn::Add(m[5], hn::MulAdd(hn::Set(d, 8.0F), s, q));
}

/// Samples [36][kBatch][in_step] of the tiles from `first` on.
void sample_tiles(const WinogradRows& rows, std::size_t first, std::size_t n, float* samples) {
  const Half d;
  for (std::size_t t = 0; t < n; ++t) {
    const std::size_t from = 4 * (first + t) * rows.in_step;
    for (std::size_t c = 0; c < rows.in_step; c += lanes<Half>()) {
      hn::Vec<Half> columns[6][6];
#pragma GCC unroll 6
      for (std::size_t x = 0; x < 6; ++x) {
        hn::Vec<Half> line[6];
        hn::Vec<Half> out[6];
#pragma GCC unroll 6
        for (std::size_t y = 0; y < 6; ++y)
          line[y] = hn::LoadU(d, rows.in[y] + from + x * rows.in_step + c);
        samples_in(d, line, out);
#pragma GCC unroll 6
        for (std::size_t y = 0; y < 6; ++y) columns[y][x] = out[y];
      }
#pragma GCC unroll 6
      for (std::size_t y = 0; y < 6; ++y) {
        hn::Vec<Half> out[6];
        samples_in(d, columns[y], out);
#pragma GCC unroll 6
        for (std::size_t x = 0; x < 6; ++x)
          hn::StoreU(out[x], d, samples + ((6 * y + x) * kBatch + t) * rows.in_step + c);
      }
    }
  }
}

/// Outputs of the tiles from `first` on, from products [36][kBatch][out_channels].
void finish_tiles(const WinogradRows& rows,
                  std::size_t first,
                  std::size_t n,
                  const float* products) {
  const Half d;
  for (std::size_t t = 0; t < n; ++t) {
    const std::size_t to = 4 * (first + t) * rows.out_step;
    for (std::size_t c = 0; c < rows.out_channels; c += lanes<Half>()) {
      hn::Vec<Half> columns[4][6];
#pragma GCC unroll 6
      for (std::size_t x = 0; x < 6; ++x) {
        hn::Vec<Half> line[6];
        hn::Vec<Half> out[4];
#pragma GCC unroll 6
        for (std::size_t y = 0; y < 6; ++y)
          line[y] = hn::LoadU(d, products + ((6 * y + x) * kBatch + t) * rows.out_channels + c);
        outputs_of(d, line, out);
#pragma GCC unroll 4
        for (std::size_t y = 0; y < 4; ++y) columns[y][x] = out[y];
      }
      const auto bias = hn::LoadU(d, rows.bias + c);
#pragma GCC unroll 4
      for (std::size_t y = 0; y < 4; ++y) {
        hn::Vec<Half> out[4];
        outputs_of(d, columns[y], out);
#pragma GCC unroll 4
        for (std::size_t x = 0; x < 4; ++x)
          hn::StoreU(leaky(d, hn::Add(out[x], bias), rows.slope), d,
                     rows.out[y] + to + x * rows.out_step + c);
      }
    }
  }
}

void run_product(const Product& product) {
  over_tiles(ProductTiles{product}, product.rows, product.out_channels);
}

void run_direct(const DirectRow& row) { over_tiles(DirectTiles{row}, row.width, row.out_channels); }

void run_winograd(const WinogradRows& rows) {
  float* const samples = rows.scratch;
  float* const products = samples + kProducts * kBatch * rows.in_step;
  const std::size_t weights_step = rows.in_channels * round_up(rows.out_channels, kPanel);
  for (std::size_t first = 0; first < rows.tiles; first += kBatch) {
    const std::size_t n = std::min(kBatch, rows.tiles - first);
    sample_tiles(rows, first, n, samples);
    for (std::size_t p = 0; p < kProducts; ++p)
      run_product({samples + p * kBatch * rows.in_step, rows.in_step, n, rows.in_channels,
                   rows.weights + p * weights_step, products + p * kBatch * rows.out_channels,
                   rows.out_channels, rows.out_channels});
    finish_tiles(rows, first, n, products);
  }
}

}  // namespace
}  // namespace mito::nn::dense::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mito::nn::dense {
namespace {
HWY_EXPORT(run_direct);
HWY_EXPORT(run_winograd);
}  // namespace

void convolve_row(const DirectRow& row) { HWY_DYNAMIC_DISPATCH(run_direct)(row); }
void convolve_winograd(const WinogradRows& rows) { HWY_DYNAMIC_DISPATCH(run_winograd)(rows); }

std::size_t winograd_scratch(std::size_t in_step, std::size_t out_channels) {
  return kProducts * kBatch * (in_step + out_channels);
}

}  // namespace mito::nn::dense
#endif
