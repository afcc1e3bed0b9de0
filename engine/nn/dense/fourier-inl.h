// Complex Fourier transforms of lines, one per lane, compiled once per instruction set.
#if defined(MITO_NN_DENSE_FOURIER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MITO_NN_DENSE_FOURIER_INL_H
#undef MITO_NN_DENSE_FOURIER_INL_H
#else
#define MITO_NN_DENSE_FOURIER_INL_H
#endif

#include <array>
#include <cstddef>

#include <hwy/highway.h>

#include "engine/nn/dense/twiddles.h"

HWY_BEFORE_NAMESPACE();
namespace mito::nn::dense::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// A complex number per lane.
template <class D>
struct Complex {
  hn::Vec<D> re;
  hn::Vec<D> im;
};

/// Numbers of a line: element i lies at re[i * step] and im[i * step].
template <class T>
struct Line {
  T* re;
  T* im;
  std::size_t step;
};

template <class D>
HWY_INLINE Complex<D> operator+(const Complex<D>& a, const Complex<D>& b) {
  return {hn::Add(a.re, b.re), hn::Add(a.im, b.im)};
}
template <class D>
HWY_INLINE Complex<D> operator-(const Complex<D>& a, const Complex<D>& b) {
  return {hn::Sub(a.re, b.re), hn::Sub(a.im, b.im)};
}
template <class D>
HWY_INLINE Complex<D> times(D d, const Complex<D>& a, const std::complex<float>& w) {
  const auto re = hn::Set(d, w.real());
  const auto im = hn::Set(d, w.imag());
  return {hn::MulSub(a.re, re, hn::Mul(a.im, im)), hn::MulAdd(a.re, im, hn::Mul(a.im, re))};
}
/// a + factor * b
template <class D>
HWY_INLINE Complex<D> plus_scaled(D d, const Complex<D>& a, float factor, const Complex<D>& b) {
  const auto f = hn::Set(d, factor);
  return {hn::MulAdd(f, b.re, a.re), hn::MulAdd(f, b.im, a.im)};
}
template <class D>
HWY_INLINE Complex<D> scaled(D d, float factor, const Complex<D>& a) {
  const auto f = hn::Set(d, factor);
  return {hn::Mul(f, a.re), hn::Mul(f, a.im)};
}
template <class D>
HWY_INLINE Complex<D> times_minus_i(const Complex<D>& a) {
  return {a.im, hn::Neg(a.re)};
}

template <class D>
HWY_INLINE void butterfly(D, Complex<D> (&x)[2]) {
  const auto sum = x[0] + x[1];
  x[1] = x[0] - x[1];
  x[0] = sum;
}

template <class D>
HWY_INLINE void butterfly(D d, Complex<D> (&x)[3]) {
  constexpr float kSin = 0.86602540378443864676F;  // of 2 pi / 3
  const auto sum = x[1] + x[2];
  const auto turned = scaled(d, kSin, times_minus_i<D>(x[1] - x[2]));
  const auto middle = plus_scaled(d, x[0], -0.5F, sum);
  x[0] = x[0] + sum;
  x[1] = middle + turned;
  x[2] = middle - turned;
}

template <class D>
HWY_INLINE void butterfly(D, Complex<D> (&x)[4]) {
  const auto even = x[0] + x[2];
  const auto even_rest = x[0] - x[2];
  const auto odd = x[1] + x[3];
  const auto odd_rest = times_minus_i<D>(x[1] - x[3]);
  x[0] = even + odd;
  x[1] = even_rest + odd_rest;
  x[2] = even - odd;
  x[3] = even_rest - odd_rest;
}

template <class D>
HWY_INLINE void butterfly(D d, Complex<D> (&x)[5]) {
  constexpr float kCos1 = 0.30901699437494742410F;  // of 2 pi / 5
  constexpr float kCos2 = -0.80901699437494742410F;
  constexpr float kSin1 = 0.95105651629515357212F;
  constexpr float kSin2 = 0.58778525229247312917F;
  const auto outer = x[1] + x[4];
  const auto inner = x[2] + x[3];
  const auto outer_rest = times_minus_i<D>(x[1] - x[4]);
  const auto inner_rest = times_minus_i<D>(x[2] - x[3]);
  const auto a = plus_scaled(d, plus_scaled(d, x[0], kCos1, outer), kCos2, inner);
  const auto b = plus_scaled(d, plus_scaled(d, x[0], kCos2, outer), kCos1, inner);
  const auto c = plus_scaled(d, scaled(d, kSin1, outer_rest), kSin2, inner_rest);
  const auto e = plus_scaled(d, scaled(d, kSin2, outer_rest), -kSin1, inner_rest);
  x[0] = x[0] + outer + inner;
  x[1] = a + c;
  x[4] = a - c;
  x[2] = b + e;
  x[3] = b - e;
}

/// One pass of Stockham's transform: `parts` butterflies for each of `stride` interleaved lines.
/// `turned` is false for the last pass, whose factors are all 1.
template <std::size_t radix, bool turned, class D>
HWY_INLINE void pass(D d,
                     std::size_t parts,
                     std::size_t stride,
                     const Line<const float>& in,
                     const Line<float>& out,
                     const std::complex<float>* turns) {
  for (std::size_t p = 0; p < parts; ++p) {
    for (std::size_t q = 0; q < stride; ++q) {
      Complex<D> x[radix];
#pragma GCC unroll 5
      for (std::size_t j = 0; j < radix; ++j) {
        const std::size_t at = (q + stride * (p + parts * j)) * in.step;
        x[j] = {hn::LoadU(d, in.re + at), hn::LoadU(d, in.im + at)};
      }
      butterfly(d, x);
#pragma GCC unroll 5
      for (std::size_t j = 0; j < radix; ++j) {
        if (turned && j > 0) x[j] = times(d, x[j], turns[p * j * stride]);
        const std::size_t at = (q + stride * (radix * p + j)) * out.step;
        hn::StoreU(x[j].re, d, out.re + at);
        hn::StoreU(x[j].im, d, out.im + at);
      }
    }
  }
}

/// Transform of a line of first * 16 elements. `scratch` holds 4 * side vectors.
template <std::size_t side, class D>
HWY_INLINE void fourier(D d, const Line<const float>& in, const Line<float>& out, float* scratch) {
  constexpr std::size_t kFirst = side / 16;
  constexpr std::size_t kLanes = hn::MaxLanes(D());
  const auto* turns = turns_of<side>().data();
  const Line<float> one{scratch, scratch + kLanes, 2 * kLanes};
  float* const rest = scratch + 2 * kLanes * side;
  const Line<float> two{rest, rest + kLanes, 2 * kLanes};
  pass<kFirst, true>(d, 16, 1, in, one, turns);
  pass<4, true>(d, 4, kFirst, {one.re, one.im, one.step}, two, turns);
  pass<4, false>(d, 1, 4 * kFirst, {two.re, two.im, two.step}, out, turns);
}

}  // namespace mito::nn::dense::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
