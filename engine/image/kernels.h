#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// The inner loops of the augmentation (method 6.3), in single precision unless said otherwise.
// Everything here works on whole planes or on pixels of four floats (R, G, B and one that is not
// used), so that it can be done several numbers at a time. Every number is computed by the same
// operations wherever it lies, and by any version of a function (see engine/image/clones.h):
// results do not depend on the machine.
namespace mito::image::kernels {

/// A symmetric filter, centre and one side, along a line:
/// out[i] = kernel[0] centre[i] + sum of kernel[t] (centre[i - t] + centre[i + t]) for i < n.
void weigh_along(std::span<const float> kernel, const float* centre, std::size_t n, float* out);
void weigh_along(std::span<const double> kernel, const double* centre, std::size_t n, double* out);
/// The same across lines, of which `centre` points to the pointer to the one in the middle:
/// out[i] = kernel[0] centre[0][first + i] + sum of kernel[t] (centre[-t][...] + centre[t][...]).
void weigh_across(std::span<const float> kernel,
                  const float* const* centre,
                  std::size_t first,
                  std::size_t n,
                  float* out);
void weigh_across(std::span<const double> kernel,
                  const double* const* centre,
                  std::size_t first,
                  std::size_t n,
                  double* out);

/// What one output pixel of a row or column reads: pixels `low` and `high`, `weight` of `high`.
struct Tap {
  int low;
  int high;
  float weight;
};

/// out[i] = pixel low_i (1 - w_i) + pixel high_i w_i, pixels of four floats.
void blend_pixels(const float* row, std::span<const Tap> taps, float* out);
/// out[i] = a[i] (1 - w) + b[i] w.
void blend_lines(const float* a, const float* b, float w, std::size_t n, float* out);

/// One row of a warp: what each pixel of row `y` reads, from displacements in px, reflecting at the
/// border of an image of width x height pixels.
struct WarpRow {
  static constexpr std::size_t kMax = 256;  ///< Pixels at once.
  std::array<std::int32_t, kMax> top_left, top_right, bottom_left, bottom_right;  ///< Pixel index.
  std::array<float, kMax> wx, wy;
};
/// For the pixels x .. x + n - 1 of row y; n at most WarpRow::kMax.
void warp_row(
    const double* dx, const double* dy, int x, int y, int n, int width, int height, WarpRow& row);
/// Bilinear: `pixels` and `out` are pixels of four floats.
void warp_pixels(const float* pixels, const WarpRow& row, int n, float* out);

/// Pixels of four floats to three planes, and back (the fourth float becomes 0).
void split(const float* pixels, std::size_t n, float* r, float* g, float* b);
void join(const float* r, const float* g, const float* b, std::size_t n, float* pixels);

/// log(v + eps) of each channel times `m` minus `offset`, exp, minus eps, clipped to [0, 1]:
/// operator C as one matrix. out_c = exp(sum over k of log_k m[k][c] - offset[c]) - eps.
struct StainMap {
  std::array<std::array<float, 3>, 3> m;
  std::array<float, 3> offset;
  float eps;
};
void map_stain(const StainMap& map, std::size_t n, float* r, float* g, float* b);

/// v <- clip(grey + factor (v - grey)), grey = .299 R + .587 G + .114 B of the pixel.
void enhance_colour(float factor, std::size_t n, float* r, float* g, float* b);
/// v <- clip(centre + factor (v - centre)).
void enhance(float centre, float factor, std::size_t n, float* v);
/// Sum of .299 R + .587 G + .114 B.
double grey_sum(const float* r, const float* g, const float* b, std::size_t n);

/// Sum, and sum of squared distances from `centre`.
double sum(const float* v, std::size_t n);
double sum_of_squares(const float* v, std::size_t n, double centre);
/// v <- gain v + shift.
void scale(float gain, float shift, std::size_t n, float* v);

/// out[i] = 2 (word + 0.5) / 2^32 - 1: uniform in (-1, 1).
void symmetric(const std::uint32_t* words, std::size_t n, float* out);
/// Box-Muller: words 2i and 2i + 1 give the normal numbers 2i (cosine) and 2i + 1 (sine), from the
/// upper 23 bits of each word.
void normals(const std::uint32_t* words, std::size_t pairs, float* out);
/// v <- clip(v + sd noise).
void add_noise(const float* noise, float sd, std::size_t n, float* v);

/// Colour spaces, in place: planes of RGB in [0, 1] to L, a, b (CIE 1976, D65), to H, S, V in
/// [0, 1], and to minus the logarithm of max(v, floor) times a matrix. Back to RGB, clipped.
void rgb_to_lab(std::size_t n, float* r, float* g, float* b);
void lab_to_rgb(std::size_t n, float* l, float* a, float* b);
void rgb_to_hsv(std::size_t n, float* r, float* g, float* b);
void hsv_to_rgb(std::size_t n, float* h, float* s, float* v);
using Matrix = std::array<std::array<float, 3>, 3>;
void rgb_to_stain(const Matrix& inverse, float floor, std::size_t n, float* r, float* g, float* b);
void stain_to_rgb(const Matrix& rows, std::size_t n, float* s0, float* s1, float* s2);

}  // namespace mito::image::kernels
