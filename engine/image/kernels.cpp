#include "engine/image/kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/image/border.h"
#include "engine/image/clones.h"

// This file is compiled with -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math (see
// CMakeLists.txt): the compiler makes vector code of the loops, and no option changes a value.
namespace mito::image::kernels {
namespace {

// --- elementary functions --------------------------------------------------------------------
// Cephes' single-precision polynomials (S. Moshier), without branches: about 1 unit in the last
// place. The library's own cannot be vectorised without changing what else may be changed.

MITO_INLINE float log_of(float x) {  // x > 0, normal
  const auto bits = std::bit_cast<std::int32_t>(x) - 0x3f3504f3;
  const std::int32_t exponent = bits >> 23;
  const float f = std::bit_cast<float>((bits & 0x007fffff) + 0x3f3504f3) - 1.0F;
  const auto e = static_cast<float>(exponent);
  const float z = f * f;
  float y = 7.0376836292e-2F;
  y = y * f - 1.1514610310e-1F;
  y = y * f + 1.1676998740e-1F;
  y = y * f - 1.2420140846e-1F;
  y = y * f + 1.4249322787e-1F;
  y = y * f - 1.6668057665e-1F;
  y = y * f + 2.0000714765e-1F;
  y = y * f - 2.4999993993e-1F;
  y = y * f + 3.3333331174e-1F;
  y = y * f * z;
  y += -2.12194440e-4F * e;
  y += -0.5F * z;
  return (f + y) + 0.693359375F * e;
}

MITO_INLINE float lower(float a, float b) { return a < b ? a : b; }
MITO_INLINE float higher(float a, float b) { return a > b ? a : b; }
MITO_INLINE float clip(float v) { return lower(higher(v, 0.0F), 1.0F); }

MITO_INLINE float exp_of(float x) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to whole numbers
  x = lower(higher(x, -87.0F), 88.0F);
  const float n = (x * 1.44269504088896341F + kRound) - kRound;
  x -= n * 0.693359375F;
  x -= n * -2.12194440e-4F;
  float y = 1.9875691500e-4F;
  y = y * x + 1.3981999507e-3F;
  y = y * x + 8.3334519073e-3F;
  y = y * x + 4.1665795894e-2F;
  y = y * x + 1.6666665459e-1F;
  y = y * x + 5.0000001201e-1F;
  y = (y * (x * x) + x) + 1.0F;
  return y * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
}

MITO_INLINE float power_of(float x, float exponent) {
  return exp_of(exponent * log_of(higher(x, 1e-12F)));
}

/// sin(2 pi x), |x| <= 1/4.
MITO_INLINE float sine_of_turns(float x) {
  const float t = 6.28318530717958648F * x;
  const float z = t * t;
  float y = -2.50521083854417188e-8F;
  y = y * z + 2.75573192239858907e-6F;
  y = y * z - 1.98412698412698413e-4F;
  y = y * z + 8.33333333333333333e-3F;
  y = y * z - 1.66666666666666667e-1F;
  return t + t * (z * y);
}

// --- filters ---------------------------------------------------------------------------------

/// 32 bytes of numbers, operated on together: one AVX register, or two of SSE.
template <class T>
struct Wide {
  typedef T Type __attribute__((vector_size(32)));  // NOLINT(modernize-use-using): GCC ignores it
  static constexpr std::size_t kLanes = 32 / sizeof(T);
};

/// kWide registers of output: lines(t) are the lines t before and t after the centre. Unrolled, or
/// GCC keeps the sums in memory.
template <class T, std::size_t kWide, class Lines>
MITO_INLINE void weigh_wide(
    const T* kernel, std::size_t radius, const T* centre, const Lines& lines, T* out) {
  using Numbers = typename Wide<T>::Type;
  constexpr std::size_t kLanes = Wide<T>::kLanes;
  Numbers sum[kWide];
#pragma GCC unroll 4
  for (std::size_t k = 0; k < kWide; ++k) {
    std::memcpy(&sum[k], centre + k * kLanes, sizeof(Numbers));
    sum[k] = kernel[0] * sum[k];
  }
  for (std::size_t t = 1; t <= radius; ++t) {
    const T w = kernel[t];
    const auto [before, after] = lines(t);
#pragma GCC unroll 4
    for (std::size_t k = 0; k < kWide; ++k) {
      Numbers a;
      Numbers b;
      std::memcpy(&a, before + k * kLanes, sizeof(Numbers));
      std::memcpy(&b, after + k * kLanes, sizeof(Numbers));
      sum[k] += w * (a + b);
    }
  }
#pragma GCC unroll 4
  for (std::size_t k = 0; k < kWide; ++k) std::memcpy(out + k * kLanes, &sum[k], sizeof(Numbers));
}

template <class T>
struct Pair {
  const T* before;
  const T* after;
};

/// `lines_at(i)` gives what weigh_wide() takes as lines, from position i on.
template <class T, class LinesAt>
MITO_INLINE void weigh_all(
    std::span<const T> kernel, const T* centre, const LinesAt& lines_at, std::size_t n, T* out) {
  constexpr std::size_t kLanes = Wide<T>::kLanes;
  const std::size_t radius = kernel.size() - 1;
  std::size_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes)
    weigh_wide<T, 4>(kernel.data(), radius, centre + i, lines_at(i), out + i);
  for (; i + kLanes <= n; i += kLanes)
    weigh_wide<T, 1>(kernel.data(), radius, centre + i, lines_at(i), out + i);
  for (; i < n; ++i) {
    const auto lines = lines_at(i);
    T sum = kernel[0] * centre[i];
    for (std::size_t t = 1; t <= radius; ++t) {
      const auto [before, after] = lines(t);
      sum += kernel[t] * (*before + *after);
    }
    out[i] = sum;
  }
}

template <class T>
MITO_INLINE void weigh_rows(std::span<const T> kernel, const T* centre, std::size_t n, T* out) {
  const auto lines_at = [centre](std::size_t i) __attribute__((always_inline)) {
    const T* const here = centre + i;
    return [here](std::size_t t) __attribute__((always_inline)) {
      return Pair<T>{here - t, here + t};
    };
  };
  weigh_all<T>(kernel, centre, lines_at, n, out);
}

template <class T>
MITO_INLINE void weigh_lines(
    std::span<const T> kernel, const T* const* centre, std::size_t first, std::size_t n, T* out) {
  const auto lines_at = [ centre, first ](std::size_t i) __attribute__((always_inline)) {
    const std::size_t at = first + i;
    return [ centre, at ](std::size_t t) __attribute__((always_inline)) {
      const auto distance = static_cast<std::ptrdiff_t>(t);
      return Pair<T>{centre[-distance] + at, centre[distance] + at};
    };
  };
  weigh_all<T>(kernel, *centre + first, lines_at, n, out);
}

/// Four floats, operated on together.
using Four = float __attribute__((vector_size(16)));

MITO_INLINE Four load(const float* p) {
  Four v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
MITO_INLINE void store(const Four& v, float* p) { std::memcpy(p, &v, sizeof v); }
MITO_INLINE Four blend(const Four& a, const Four& b, float w) { return a * (1 - w) + b * w; }

/// As reflect(), for positions that are less than n beyond the line.
MITO_INLINE std::int32_t fold(std::int32_t i, std::int32_t n) {
  i = i < 0 ? -1 - i : i;
  return i >= n ? 2 * n - 1 - i : i;
}

constexpr std::size_t kSums = 16;  // partial sums, added in one order

}  // namespace

MITO_CLONES void weigh_along(std::span<const float> kernel,
                             const float* centre,
                             std::size_t n,
                             float* out) {
  weigh_rows<float>(kernel, centre, n, out);
}
MITO_CLONES void weigh_along(std::span<const double> kernel,
                             const double* centre,
                             std::size_t n,
                             double* out) {
  weigh_rows<double>(kernel, centre, n, out);
}
MITO_CLONES void weigh_across(std::span<const float> kernel,
                              const float* const* centre,
                              std::size_t first,
                              std::size_t n,
                              float* out) {
  weigh_lines<float>(kernel, centre, first, n, out);
}
MITO_CLONES void weigh_across(std::span<const double> kernel,
                              const double* const* centre,
                              std::size_t first,
                              std::size_t n,
                              double* out) {
  weigh_lines<double>(kernel, centre, first, n, out);
}

MITO_CLONES void blend_pixels(const float* row, std::span<const Tap> taps, float* out) {
  for (const Tap& tap : taps) {
    store(blend(load(row + std::ptrdiff_t{4} * tap.low), load(row + std::ptrdiff_t{4} * tap.high),
                tap.weight),
          out);
    out += 4;
  }
}

MITO_CLONES void blend_lines(const float* a, const float* b, float w, std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] * (1 - w) + b[i] * w;
}

// --- warp ------------------------------------------------------------------------------------

MITO_CLONES void warp_row(
    const double* dx, const double* dy, int x, int y, int n, int width, int height, WarpRow& row) {
  constexpr double kFar = 1e9;  // beyond it, and for what is no number, int would overflow
  std::int32_t low_x[WarpRow::kMax];
  std::int32_t low_y[WarpRow::kMax];
  std::int32_t outside = 0;
  for (int i = 0; i < n; ++i) {
    double at_x = (x + i) + dx[i];
    double at_y = y + dy[i];
    at_x = at_x > -kFar ? at_x : -kFar;
    at_y = at_y > -kFar ? at_y : -kFar;
    at_x = at_x < kFar ? at_x : kFar;
    at_y = at_y < kFar ? at_y : kFar;
    auto ix = static_cast<std::int32_t>(at_x);
    auto iy = static_cast<std::int32_t>(at_y);
    ix -= static_cast<double>(ix) > at_x ? 1 : 0;
    iy -= static_cast<double>(iy) > at_y ? 1 : 0;
    row.wx[static_cast<std::size_t>(i)] = static_cast<float>(at_x - ix);
    row.wy[static_cast<std::size_t>(i)] = static_cast<float>(at_y - iy);
    low_x[i] = ix;
    low_y[i] = iy;
    outside |= static_cast<std::int32_t>(ix < -width) | static_cast<std::int32_t>(iy < -height) |
               static_cast<std::int32_t>(ix > 2 * width - 2) |
               static_cast<std::int32_t>(iy > 2 * height - 2);
  }
  const auto put = [&row](int i, int left, int right, int top, int bottom)
      __attribute__((always_inline)) {
    const auto k = static_cast<std::size_t>(i);
    row.top_left[k] = top + left;
    row.top_right[k] = top + right;
    row.bottom_left[k] = bottom + left;
    row.bottom_right[k] = bottom + right;
  };
  if (outside != 0) {
    for (int i = 0; i < n; ++i)
      put(i, reflect(low_x[i], width), reflect(low_x[i] + 1, width),
          reflect(low_y[i], height) * width, reflect(low_y[i] + 1, height) * width);
    return;
  }
  for (int i = 0; i < n; ++i)
    put(i, fold(low_x[i], width), fold(low_x[i] + 1, width), fold(low_y[i], height) * width,
        fold(low_y[i] + 1, height) * width);
}

MITO_CLONES void warp_pixels(const float* pixels, const WarpRow& row, int n, float* out) {
  const auto pixel = [pixels](std::int32_t i) { return load(pixels + std::ptrdiff_t{4} * i); };
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    const Four top = blend(pixel(row.top_left[i]), pixel(row.top_right[i]), row.wx[i]);
    const Four bottom = blend(pixel(row.bottom_left[i]), pixel(row.bottom_right[i]), row.wx[i]);
    store(blend(top, bottom, row.wy[i]), out + 4 * i);
  }
}

MITO_CLONES void split(const float* pixels, std::size_t n, float* r, float* g, float* b) {
  for (std::size_t i = 0; i < n; ++i) {
    r[i] = pixels[4 * i];
    g[i] = pixels[4 * i + 1];
    b[i] = pixels[4 * i + 2];
  }
}

MITO_CLONES void join(
    const float* r, const float* g, const float* b, std::size_t n, float* pixels) {
  for (std::size_t i = 0; i < n; ++i) {
    pixels[4 * i] = r[i];
    pixels[4 * i + 1] = g[i];
    pixels[4 * i + 2] = b[i];
    pixels[4 * i + 3] = 0;
  }
}

// --- colour ----------------------------------------------------------------------------------

MITO_CLONES void map_stain(const StainMap& map, std::size_t n, float* r, float* g, float* b) {
  const StainMap f = map;
  for (std::size_t i = 0; i < n; ++i) {
    const float l0 = log_of(r[i] + f.eps);
    const float l1 = log_of(g[i] + f.eps);
    const float l2 = log_of(b[i] + f.eps);
    r[i] = clip(exp_of(l0 * f.m[0][0] + l1 * f.m[1][0] + l2 * f.m[2][0] - f.offset[0]) - f.eps);
    g[i] = clip(exp_of(l0 * f.m[0][1] + l1 * f.m[1][1] + l2 * f.m[2][1] - f.offset[1]) - f.eps);
    b[i] = clip(exp_of(l0 * f.m[0][2] + l1 * f.m[1][2] + l2 * f.m[2][2] - f.offset[2]) - f.eps);
  }
}

MITO_INLINE float grey_of(float r, float g, float b) {
  return 0.299F * r + 0.587F * g + 0.114F * b;
}

MITO_CLONES void enhance_colour(float factor, std::size_t n, float* r, float* g, float* b) {
  for (std::size_t i = 0; i < n; ++i) {
    const float grey = grey_of(r[i], g[i], b[i]);
    r[i] = clip(grey + factor * (r[i] - grey));
    g[i] = clip(grey + factor * (g[i] - grey));
    b[i] = clip(grey + factor * (b[i] - grey));
  }
}

MITO_CLONES void enhance(float centre, float factor, std::size_t n, float* v) {
  for (std::size_t i = 0; i < n; ++i) v[i] = clip(centre + factor * (v[i] - centre));
}

namespace {

/// Sum of value(i) for i < n in double, by kSums partial sums.
template <class Value>
MITO_INLINE double sum_of(std::size_t n, Value value) {
  double part[kSums] = {};
  std::size_t i = 0;
  for (; i + kSums <= n; i += kSums)
    for (std::size_t j = 0; j < kSums; ++j) part[j] += value(i + j);
  for (std::size_t j = 0; i < n; ++i, ++j) part[j] += value(i);
  double total = 0;
  for (const double p : part) total += p;
  return total;
}

}  // namespace

MITO_CLONES double grey_sum(const float* r, const float* g, const float* b, std::size_t n) {
  return sum_of(
      n, [ r, g, b ](std::size_t i) __attribute__((always_inline)) {
        return static_cast<double>(grey_of(r[i], g[i], b[i]));
      });
}

MITO_CLONES double sum(const float* v, std::size_t n) {
  return sum_of(
      n, [v](std::size_t i) __attribute__((always_inline)) { return static_cast<double>(v[i]); });
}

MITO_CLONES double sum_of_squares(const float* v, std::size_t n, double centre) {
  return sum_of(
      n, [ v, centre ](std::size_t i) __attribute__((always_inline)) {
        const double d = static_cast<double>(v[i]) - centre;
        return d * d;
      });
}

MITO_CLONES void scale(float gain, float shift, std::size_t n, float* v) {
  for (std::size_t i = 0; i < n; ++i) v[i] = gain * v[i] + shift;
}

// --- noise -----------------------------------------------------------------------------------

MITO_CLONES void symmetric(const std::uint32_t* words, std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const auto centred = std::bit_cast<std::int32_t>(words[i] ^ 0x80000000U);
    out[i] = static_cast<float>((static_cast<double>(centred) + 0.5) * (1.0 / 2147483648.0));
  }
}

MITO_CLONES void normals(const std::uint32_t* words, std::size_t pairs, float* out) {
  constexpr float kStep = 1.0F / 8388608.0F;  // 2^-23
  for (std::size_t i = 0; i < pairs; ++i) {
    const float u =
        (static_cast<float>(std::bit_cast<std::int32_t>(words[2 * i] >> 9U)) + 0.5F) * kStep;
    const float v =
        (static_cast<float>(std::bit_cast<std::int32_t>(words[2 * i + 1] >> 9U)) + 0.5F) * kStep -
        0.5F;
    const float length = std::sqrt(-2.0F * log_of(u));
    // cos(2 pi (v + 1/2)) = sin(2 pi (|v| - 1/4)), and sin(2 pi (v + 1/2)) = -sin(2 pi v).
    const float magnitude = v < 0 ? -v : v;
    const float folded = magnitude > 0.25F ? 0.5F - magnitude : magnitude;
    out[2 * i] = length * sine_of_turns(magnitude - 0.25F);
    out[2 * i + 1] = length * sine_of_turns(v < 0 ? folded : -folded);
  }
}

MITO_CLONES void add_noise(const float* noise, float sd, std::size_t n, float* v) {
  for (std::size_t i = 0; i < n; ++i) v[i] = clip(v[i] + sd * noise[i]);
}

// --- colour spaces ---------------------------------------------------------------------------

namespace {

MITO_INLINE float linear_of(float v) {
  const float low = v * (1.0F / 12.92F);
  const float high = power_of((v + 0.055F) * (1.0F / 1.055F), 2.4F);
  return v <= 0.04045F ? low : high;
}
MITO_INLINE float display_of(float v) {
  const float low = v * 12.92F;
  const float high = 1.055F * power_of(v, 1.0F / 2.4F) - 0.055F;
  return clip(v <= 0.0031308F ? low : high);
}
// (6/29)^3 and the straight line below it, of CIE 1976.
constexpr float kCubeFrom = 0.008856451679F;
MITO_INLINE float lab_of(float t) {
  const float low = t * 7.787037037F + 16.0F / 116.0F;
  const float high = power_of(t, 1.0F / 3.0F);
  return t > kCubeFrom ? high : low;
}
MITO_INLINE float from_lab(float f) {
  const float low = (f - 16.0F / 116.0F) * (1.0F / 7.787037037F);
  const float high = f * f * f;
  return f > 6.0F / 29.0F ? high : low;
}
constexpr float kWhiteX = 0.95047F;
constexpr float kWhiteZ = 1.08883F;

}  // namespace

MITO_CLONES void rgb_to_lab(std::size_t n, float* r, float* g, float* b) {
  for (std::size_t i = 0; i < n; ++i) {
    const float lr = linear_of(r[i]);
    const float lg = linear_of(g[i]);
    const float lb = linear_of(b[i]);
    const float x = lab_of((0.4124564F * lr + 0.3575761F * lg + 0.1804375F * lb) / kWhiteX);
    const float y = lab_of(0.2126729F * lr + 0.7151522F * lg + 0.0721750F * lb);
    const float z = lab_of((0.0193339F * lr + 0.1191920F * lg + 0.9503041F * lb) / kWhiteZ);
    r[i] = 116.0F * y - 16.0F;
    g[i] = 500.0F * (x - y);
    b[i] = 200.0F * (y - z);
  }
}

MITO_CLONES void lab_to_rgb(std::size_t n, float* l, float* a, float* b) {
  for (std::size_t i = 0; i < n; ++i) {
    const float fy = (l[i] + 16.0F) * (1.0F / 116.0F);
    const float x = kWhiteX * from_lab(fy + a[i] * (1.0F / 500.0F));
    const float y = from_lab(fy);
    const float z = kWhiteZ * from_lab(fy - b[i] * (1.0F / 200.0F));
    l[i] = display_of(3.2404542F * x - 1.5371385F * y - 0.4985314F * z);
    a[i] = display_of(-0.9692660F * x + 1.8760108F * y + 0.0415560F * z);
    b[i] = display_of(0.0556434F * x - 0.2040259F * y + 1.0572252F * z);
  }
}

MITO_CLONES void rgb_to_hsv(std::size_t n, float* r, float* g, float* b) {
  for (std::size_t i = 0; i < n; ++i) {
    const float red = r[i];
    const float green = g[i];
    const float blue = b[i];
    const float high = higher(red, higher(green, blue));
    const float span = high - lower(red, lower(green, blue));
    const float per = 1.0F / (span > 0 ? span : 1.0F);
    const float of_red = (green - blue) * per;
    const float of_green = 2.0F + (blue - red) * per;
    const float of_blue = 4.0F + (red - green) * per;
    float hue = high == red ? of_red : (high == green ? of_green : of_blue);
    hue = hue < 0 ? hue + 6.0F : hue;
    r[i] = hue * (1.0F / 6.0F);
    g[i] = span / (high > 0 ? high : 1.0F);
    b[i] = high;
  }
}

namespace {
MITO_INLINE float hsv_channel(float k, float h, float s, float v) {
  float t = k + 6.0F * h;  // in [0, 12)
  t = t >= 6.0F ? t - 6.0F : t;
  t = t >= 6.0F ? t - 6.0F : t;
  return v - v * s * clip(lower(t, 4.0F - t));
}
}  // namespace

MITO_CLONES void hsv_to_rgb(std::size_t n, float* h, float* s, float* v) {
  constexpr float kRound = 12582912.0F;
  for (std::size_t i = 0; i < n; ++i) {
    float hue = h[i] - ((h[i] + kRound) - kRound);  // -1/2 to 1/2
    hue = hue < 0 ? hue + 1.0F : hue;
    const float saturation = clip(s[i]);
    const float value = clip(v[i]);
    h[i] = hsv_channel(5, hue, saturation, value);
    s[i] = hsv_channel(3, hue, saturation, value);
    v[i] = hsv_channel(1, hue, saturation, value);
  }
}

MITO_CLONES void rgb_to_stain(
    const Matrix& inverse, float floor, std::size_t n, float* r, float* g, float* b) {
  const Matrix m = inverse;
  for (std::size_t i = 0; i < n; ++i) {
    const float d0 = -log_of(higher(r[i], floor));
    const float d1 = -log_of(higher(g[i], floor));
    const float d2 = -log_of(higher(b[i], floor));
    r[i] = d0 * m[0][0] + d1 * m[1][0] + d2 * m[2][0];
    g[i] = d0 * m[0][1] + d1 * m[1][1] + d2 * m[2][1];
    b[i] = d0 * m[0][2] + d1 * m[1][2] + d2 * m[2][2];
  }
}

MITO_CLONES void stain_to_rgb(const Matrix& rows, std::size_t n, float* s0, float* s1, float* s2) {
  const Matrix m = rows;
  for (std::size_t i = 0; i < n; ++i) {
    const float a = s0[i];
    const float b = s1[i];
    const float c = s2[i];
    s0[i] = clip(exp_of(-(a * m[0][0] + b * m[1][0] + c * m[2][0])));
    s1[i] = clip(exp_of(-(a * m[0][1] + b * m[1][1] + c * m[2][1])));
    s2[i] = clip(exp_of(-(a * m[0][2] + b * m[1][2] + c * m[2][2])));
  }
}

}  // namespace mito::image::kernels
