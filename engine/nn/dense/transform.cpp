#include "engine/nn/dense/transform.h"

#undef HWY_TARGET_INCLUDE
// NOLINTNEXTLINE(readability-identifier-naming): Highway names it
#define HWY_TARGET_INCLUDE "engine/nn/dense/transform.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/nn/dense/fourier-inl.h"
#include "engine/nn/dense/products-inl.h"

#ifndef MITO_NN_DENSE_TRANSFORM_ONCE
#define MITO_NN_DENSE_TRANSFORM_ONCE
namespace mito::nn::dense {
namespace {

constexpr std::size_t kHalf = kPanel / 2;

// Frequency (fx, fy) in the order of a spectrum: the two columns that are their own conjugate come
// first, with half of their rows.
constexpr std::size_t frequency(std::size_t side, std::size_t fx, std::size_t fy) {
  const std::size_t own = side / 2 + 1;
  if (fx == 0) return fy;
  if (fx == side / 2) return own + fy;
  return 2 * own + (fx - 1) * side + fy;
}

constexpr bool own_conjugate(std::size_t side, std::size_t fx) { return fx == 0 || fx == side / 2; }

}  // namespace
}  // namespace mito::nn::dense
#endif

HWY_BEFORE_NAMESPACE();
namespace mito::nn::dense::HWY_NAMESPACE {
namespace {

// Eight channels are the real part of a complex map, the next eight the imaginary part: one complex
// transform serves sixteen real ones. Narrow vectors go through the eight in steps.
constexpr std::size_t kLanes = lanes<Half>();
constexpr std::size_t kPair = 2 * kLanes;

/// Where a map of side x side complex vectors and two of its columns lie in the scratch. One vector
/// of padding per row keeps a column from falling on few cache sets.
template <std::size_t side>
struct Scratch {
  explicit Scratch(float* memory)
      : map(memory), near(map + side * kRow), far(near + side * kPair), lines(far + side * kPair) {}
  static constexpr std::size_t kRow = (side + 1) * kPair;

  Line<float> row(std::size_t y) const { return {map + y * kRow, map + y * kRow + kLanes, kPair}; }
  Line<const float> column(std::size_t x) const {
    return {map + x * kPair, map + x * kPair + kLanes, kRow};
  }
  static Line<float> line(float* at) { return {at, at + kLanes, kPair}; }

  float* map;
  float* near;
  float* far;
  float* lines;
};

template <std::size_t side>
void forward_part(const ForwardTransform& f, std::size_t channel, std::size_t part) {
  const Half d;
  const Scratch<side> scratch(f.scratch);
  std::fill(scratch.map + f.rows * scratch.kRow, scratch.map + side * scratch.kRow, 0.0F);
  for (std::size_t y = 0; y < f.rows; ++y) {
    const float* in = f.in + y * f.row_step + channel + part;
    fourier<side>(d, {in, in + kHalf, f.pixel_step}, scratch.row(y), scratch.lines);
  }
  const std::size_t channels = f.spectra.channels;
  for (std::size_t fx = 0; fx <= side / 2; ++fx) {
    const bool own = own_conjugate(side, fx);
    fourier<side>(d, scratch.column(fx), scratch.line(scratch.near), scratch.lines);
    if (!own) fourier<side>(d, scratch.column(side - fx), scratch.line(scratch.far), scratch.lines);
    const float* const far = own ? scratch.near : scratch.far;
    for (std::size_t fy = 0; fy < (own ? side / 2 + 1 : side); ++fy) {
      const float* a = scratch.near + fy * kPair;
      const float* b = far + (side - fy) % side * kPair;
      const auto a_re = hn::LoadU(d, a);
      const auto a_im = hn::LoadU(d, a + kLanes);
      const auto b_re = hn::LoadU(d, b);
      const auto b_im = hn::LoadU(d, b + kLanes);
      float* out = f.spectra.data +
                   (frequency(side, fx, fy) * f.spectra.capacity + f.slot) * 2 * channels +
                   channel + part;
      hn::StoreU(hn::Add(a_re, b_re), d, out);
      hn::StoreU(hn::Add(a_im, b_im), d, out + kHalf);
      hn::StoreU(hn::Sub(a_im, b_im), d, out + channels);
      hn::StoreU(hn::Sub(b_re, a_re), d, out + channels + kHalf);
    }
  }
}

template <std::size_t side>
void forward(const ForwardTransform& f) {
  for (std::size_t channel = 0; channel < f.spectra.channels; channel += kPanel) {
    for (std::size_t part = 0; part < kHalf; part += kLanes) forward_part<side>(f, channel, part);
  }
}

// The columns fx and side - fx of the complex map of sixteen real ones, from their spectra.
template <std::size_t side>
HWY_INLINE void join(const OutputTransform& o,
                     std::size_t channel,
                     std::size_t fx,
                     const Scratch<side>& scratch) {
  const Half d;
  const bool own = own_conjugate(side, fx);
  const std::size_t channels = o.spectra.channels;
  float* const far = own ? scratch.near : scratch.far;
  for (std::size_t fy = 0; fy < (own ? side / 2 + 1 : side); ++fy) {
    const float* in = o.spectra.data +
                      (frequency(side, fx, fy) * o.spectra.capacity + o.slot) * 2 * channels +
                      channel;
    const auto first_re = hn::LoadU(d, in);
    const auto second_re = hn::LoadU(d, in + kHalf);
    const auto first_im = hn::LoadU(d, in + channels);
    const auto second_im = hn::LoadU(d, in + channels + kHalf);
    const std::size_t opposite = (side - fy) % side;
    if (!own || opposite != fy) {
      hn::StoreU(hn::Add(first_re, second_im), d, far + opposite * kPair);
      hn::StoreU(hn::Sub(second_re, first_im), d, far + opposite * kPair + kLanes);
    }
    hn::StoreU(hn::Sub(first_re, second_im), d, scratch.near + fy * kPair);
    hn::StoreU(hn::Add(first_im, second_re), d, scratch.near + fy * kPair + kLanes);
  }
}

// With real and imaginary part exchanged, before and after, a transform is its own inverse.
template <std::size_t side>
HWY_INLINE void invert_column(const Scratch<side>& scratch, float* column, std::size_t fx) {
  const Half d;
  float* const to = scratch.map + fx * kPair;
  fourier<side>(d, {column + kLanes, column, kPair}, {to, to + kLanes, scratch.kRow},
                scratch.lines);
}

template <std::size_t side>
void output_part(const OutputTransform& o, std::size_t channel, std::size_t part, float* sums) {
  constexpr std::size_t kOutputs = side - kTransformMargin;
  const Half d;
  const Scratch<side> scratch(o.scratch);
  for (std::size_t fx = 0; fx <= side / 2; ++fx) {
    join<side>(o, channel + part, fx, scratch);
    invert_column<side>(scratch, scratch.near, fx);
    if (!own_conjugate(side, fx)) invert_column<side>(scratch, scratch.far, side - fx);
  }
  const std::size_t first = channel + part;
  const std::size_t second = first + kHalf;
  const auto first_bias = hn::LoadU(d, o.bias + first);
  const auto second_bias = hn::LoadU(d, o.bias + second);
  const auto slope = hn::Set(d, o.slope);
  const auto zero = hn::Zero(d);
  for (std::size_t y = 0; y < kOutputs; ++y) {
    const auto row = scratch.row(y);
    fourier<side>(d, {row.re, row.im, row.step}, scratch.line(scratch.near), scratch.lines);
    for (std::size_t x = 0; x < kOutputs; ++x) {
      const float* value = scratch.near + x * kPair;
      auto a = hn::Add(hn::LoadU(d, value + kLanes), first_bias);
      auto b = hn::Add(hn::LoadU(d, value), second_bias);
      a = hn::IfThenElse(hn::Gt(a, zero), a, hn::Mul(a, slope));
      b = hn::IfThenElse(hn::Gt(b, zero), b, hn::Mul(b, slope));
      for (std::size_t k = 0; k < 2; ++k) {
        float* sum = sums + ((y * kOutputs + x) * 2 + k) * kHalf + part;
        auto s = hn::LoadU(d, sum);
        s = hn::MulAdd(a, hn::LoadU(d, o.weights[k] + first), s);
        s = hn::MulAdd(b, hn::LoadU(d, o.weights[k] + second), s);
        hn::StoreU(s, d, sum);
      }
    }
  }
}

template <std::size_t side>
void output(const OutputTransform& o) {
  constexpr std::size_t kOutputs = side - kTransformMargin;
  float* const sums = o.scratch + transform_scratch(side);
  std::fill_n(sums, kOutputs * kOutputs * 2 * kHalf, 0.0F);
  for (std::size_t channel = 0; channel < o.spectra.channels; channel += kPanel) {
    for (std::size_t part = 0; part < kHalf; part += kLanes)
      output_part<side>(o, channel, part, sums);
  }
  for (std::size_t i = 0; i < kOutputs * kOutputs; ++i) {
    for (std::size_t k = 0; k < 2; ++k) {
      const float* s = sums + (2 * i + k) * kHalf;
      o.out[k][i] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
  }
}

struct SpectrumTiles {
  const SpectrumProduct& p;
  std::size_t frequency;

  template <class D, std::size_t rows, std::size_t vectors>
  HWY_INLINE void run(std::size_t first, std::size_t channel) const {
    const D d;
    const std::size_t part = p.in_channels * kPanel;
    const std::size_t panels = (p.out_channels + kPanel - 1) / kPanel;
    const float* const re = p.filters + (frequency * panels + channel / kPanel) * 2 * part;
    const float* const left = p.in.data + (frequency * p.in.capacity + first) * 2 * p.in.channels;
    float* const out =
        p.out.data + (frequency * p.out.capacity + first) * 2 * p.out.channels + channel;
    Factors f{left, 2 * p.in.channels, p.in_channels, re, 2 * part};

    // (a + ib)(c + id): ac and bd give the real part, and the imaginary one with (a + b)(c + d).
    hn::Vec<D> sum[rows][vectors];
    clear(d, sum);
    accumulate<false>(d, f, 0, sum);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 16
      for (std::size_t v = 0; v < vectors; ++v) {
        float* at = out + r * 2 * p.out.channels + v * lanes<D>();
        hn::StoreU(sum[r][v], d, at);
      }
    }
    f.left = left + p.in.channels;
    f.weights = re + part;
    clear(d, sum);
    accumulate<false>(d, f, 0, sum);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 16
      for (std::size_t v = 0; v < vectors; ++v) {
        float* at = out + r * 2 * p.out.channels + v * lanes<D>();
        const auto product = hn::LoadU(d, at);
        hn::StoreU(hn::Sub(product, sum[r][v]), d, at);
        hn::StoreU(hn::Add(product, sum[r][v]), d, at + p.out.channels);
      }
    }
    f.left = p.scratch + first * p.in.channels;
    f.left_step = p.in.channels;
    f.weights = re;
    clear(d, sum);
    accumulate<true>(d, f, part, sum);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 16
      for (std::size_t v = 0; v < vectors; ++v) {
        float* at = out + r * 2 * p.out.channels + v * lanes<D>() + p.out.channels;
        hn::StoreU(hn::Sub(sum[r][v], hn::LoadU(d, at)), d, at);
      }
    }
  }

  template <class D, std::size_t rows, std::size_t vectors>
  static HWY_INLINE void clear(D d, hn::Vec<D> (&sum)[rows][vectors]) {
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 16
      for (std::size_t v = 0; v < vectors; ++v) sum[r][v] = hn::Zero(d);
    }
  }
};

void run_forward(const ForwardTransform& f) {
  if (f.side == 80) return forward<80>(f);
  if (f.side == 48) return forward<48>(f);
  forward<32>(f);
}

void run_output(const OutputTransform& o) {
  if (o.side == 80) return output<80>(o);
  if (o.side == 48) return output<48>(o);
  output<32>(o);
}

void run_product(const SpectrumProduct& p) {
  const Half d;
  const std::size_t channels = p.in.channels;
  for (std::size_t f = 0; f < frequencies(p.side); ++f) {
    for (std::size_t m = 0; m < p.maps; ++m) {
      const float* re = p.in.data + (f * p.in.capacity + m) * 2 * channels;
      for (std::size_t c = 0; c < channels; c += kLanes)
        hn::StoreU(hn::Add(hn::LoadU(d, re + c), hn::LoadU(d, re + channels + c)), d,
                   p.scratch + m * channels + c);
    }
    over_tiles(SpectrumTiles{p, f}, p.maps, p.out_channels);
  }
}

}  // namespace
}  // namespace mito::nn::dense::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mito::nn::dense {
namespace {
HWY_EXPORT(run_forward);
HWY_EXPORT(run_output);
HWY_EXPORT(run_product);
}  // namespace

void transform(const ForwardTransform& forward) { HWY_DYNAMIC_DISPATCH(run_forward)(forward); }
void transform(const OutputTransform& output) { HWY_DYNAMIC_DISPATCH(run_output)(output); }
void multiply(const SpectrumProduct& product) { HWY_DYNAMIC_DISPATCH(run_product)(product); }

std::size_t transform_scratch(std::size_t side) { return (side * (side + 1) + 4 * side) * kPanel; }

std::size_t output_scratch(std::size_t side) {
  const std::size_t outputs = side - kTransformMargin;
  return transform_scratch(side) + outputs * outputs * 2 * kHalf;
}

}  // namespace mito::nn::dense
#endif
