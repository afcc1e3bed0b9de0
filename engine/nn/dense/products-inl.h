// Register tiles of matrix products, compiled once per instruction set.
#if defined(MITO_NN_DENSE_PRODUCTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MITO_NN_DENSE_PRODUCTS_INL_H
#undef MITO_NN_DENSE_PRODUCTS_INL_H
#else
#define MITO_NN_DENSE_PRODUCTS_INL_H
#endif

#include <algorithm>
#include <cstddef>

#include <hwy/highway.h>

#include "engine/nn/dense/layout.h"

HWY_BEFORE_NAMESPACE();
namespace mito::nn::dense::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Lanes beyond these would leave parts of a panel unused.
using Full = hn::CappedTag<float, kPanel>;
using Half = hn::CappedTag<float, kPanel / 2>;

template <class D>
constexpr std::size_t lanes() {
  return hn::MaxLanes(D());
}

// Rows and panels of a register tile: accumulators, weights and one factor fit in the registers (32
// with AVX-512, 16 with AVX2 and before).
inline constexpr std::size_t kMostRows = lanes<Full>() == 16 ? 12 : lanes<Full>() == 8 ? 6 : 3;
inline constexpr std::size_t kMostPanels = lanes<Full>() == 16 ? 2 : 1;

/// Where the left factor and the packed weights of a product are.
struct Factors {
  const float* left;  ///< [rows][depth], rows `left_step` numbers apart.
  std::size_t left_step;
  std::size_t depth;
  const float* weights;    ///< [depth][kPanel], of the first panel.
  std::size_t panel_step;  ///< Numbers from a panel to the next.
};

// Position of vector `v` of a tile in its panels.
template <class D>
HWY_INLINE std::size_t offset_of(std::size_t v, std::size_t panel_step) {
  constexpr std::size_t kPerPanel = kPanel / lanes<D>();
  return v / kPerPanel * panel_step + v % kPerPanel * lanes<D>();
}

/// sum[r][v] += left[r][k] * weights[k][v], one k after the other: the order of additions is the
/// same for every shape of tile and width of vector. `sum_of_two`: the weights are those at
/// `weights` plus those at `weights + second`.
template <bool sum_of_two, std::size_t rows, std::size_t vectors, class D>
HWY_INLINE void accumulate(D d,
                           const Factors& f,
                           std::size_t second,
                           hn::Vec<D> (&sum)[rows][vectors]) {
  // Three rows share a pointer: more pointers than that would not fit in the general registers.
  constexpr std::size_t kGroups = (rows + 2) / 3;
  const float* left[kGroups];
  for (std::size_t g = 0; g < kGroups; ++g) left[g] = f.left + 3 * g * f.left_step;
  const float* weights = f.weights;
  const std::size_t step = f.left_step;
  for (std::size_t k = 0; k < f.depth; ++k) {
    hn::Vec<D> w[vectors];
#pragma GCC unroll 16
    for (std::size_t v = 0; v < vectors; ++v) {
      const float* at = weights + offset_of<D>(v, f.panel_step);
      w[v] = hn::Load(d, at);
      if constexpr (sum_of_two) w[v] = hn::Add(w[v], hn::Load(d, at + second));
    }
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
      const auto x = hn::Set(d, left[r / 3][r % 3 * step]);
#pragma GCC unroll 16
      for (std::size_t v = 0; v < vectors; ++v) sum[r][v] = hn::MulAdd(x, w[v], sum[r][v]);
    }
#pragma GCC unroll 16
    for (std::size_t g = 0; g < kGroups; ++g) ++left[g];
    weights += kPanel;
  }
}

/// Runs the tile of `n` rows that begins at `row` and `channel`.
template <class Body, class D, std::size_t vectors, std::size_t count = kMostRows>
HWY_INLINE void with_rows(const Body& body, std::size_t n, std::size_t row, std::size_t channel) {
  if constexpr (count > 0) {
    if (n == count) {
      body.template run<D, count, vectors>(row, channel);
    } else {
      with_rows<Body, D, vectors, count - 1>(body, n, row, channel);
    }
  }
}

template <class Body, class D, std::size_t vectors>
HWY_INLINE void over_rows(const Body& body, std::size_t rows, std::size_t channel) {
  const std::size_t parts = (rows + kMostRows - 1) / kMostRows;
  for (std::size_t p = 0; p < parts; ++p) {
    const std::size_t first = rows * p / parts;
    with_rows<Body, D, vectors>(body, rows * (p + 1) / parts - first, first, channel);
  }
}

/// Calls body.template run<D, rows, vectors>(first_row, first_channel) for every register tile of a
/// result of `rows` x `channels`; `channels` is a multiple of 8. Rows are shared out evenly.
template <class Body>
HWY_INLINE void over_tiles(const Body& body, std::size_t rows, std::size_t channels) {
  constexpr std::size_t kPerPanel = kPanel / lanes<Full>();
  std::size_t c = 0;
  for (; c + kMostPanels * kPanel <= channels; c += kMostPanels * kPanel)
    over_rows<Body, Full, kMostPanels * kPerPanel>(body, rows, c);
  for (; c + kPanel <= channels; c += kPanel) over_rows<Body, Full, kPerPanel>(body, rows, c);
  if (c < channels) over_rows<Body, Half, kPanel / 2 / lanes<Half>()>(body, rows, c);
}

}  // namespace mito::nn::dense::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
