#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/random.h"

namespace mito::image {

/// Float pixels [height][width][channels].
struct Pixels {
  int width = 0;
  int height = 0;
  int channels = 1;
  std::vector<float> values;
};

/// Gaussian blur of every channel, reflecting at the border: operator B of method 6.3. The kernel
/// reaches int(4 sigma + 0.5) px to each side and sums to 1; where that is 0 px nothing changes.
/// Throws DataError when sigma is negative or the values do not fill the image.
Pixels blur(const Pixels& in, double sigma);

/// A rectangle of an image, inside it.
struct Part {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// Memory for intermediate results, to be used again and again by one thread.
template <class T>
struct SmoothScratch {
  std::vector<T> rows;
  std::vector<T> padded;
  std::vector<T> zeros;
  std::vector<T> smoothed;
  std::vector<T> noise;
  std::vector<const T*> lines;
  std::vector<std::uint32_t> words;
};

/// The pixels of `part` of one blurred channel, [part.height][part.width]; `plane` has rows of
/// `width`. The same values as blur(). Throws DataError as it does.
void blur_part(std::span<const float> plane,
               int width,
               double sigma,
               const Part& part,
               SmoothScratch<float>& scratch,
               std::span<float> out);

/// Where each pixel of an image comes from, relative to its own place, in px: [height][width].
struct Displacement {
  int width = 0;
  int height = 0;
  std::vector<double> dx;
  std::vector<double> dy;
};

/// The elastic field of method 6.3 E from noise in [-1, 1], [height][width] per direction:
/// smoothed by a Gaussian that reaches int(4 sigma + 0.5) px and sees zeros outside, times alpha.
/// Throws DataError when sigma is negative or the noise does not fill the field.
Displacement elastic_field(int width,
                           int height,
                           std::span<const double> noise_x,
                           std::span<const double> noise_y,
                           double alpha,
                           double sigma);

/// The same from uniform noise in (-1, 1), in single precision: within 1e-7 alpha px of it. Draws
/// width * height numbers for x, row by row, then as many for y.
Displacement random_elastic_field(
    int width, int height, double alpha, double sigma, RandomStream& random);
void random_elastic_field(int width,
                          int height,
                          double alpha,
                          double sigma,
                          RandomStream& random,
                          SmoothScratch<float>& scratch,
                          Displacement& out);

/// The field that turns a square of `size` px about its centre (size - 1) / 2, counter-clockwise as
/// seen: method 6.3 R, `continuous`.
Displacement rotation_field(int size, double degrees);

/// warp() of pixels of four floats each, [height][width][4]; `out` holds as many.
void warp_fours(const float* pixels, const Displacement& field, float* out);

/// out(y, x) = in(y + dy, x + dx), bilinear at the very position, reflecting at the border; all
/// channels move together. Throws DataError when field and image differ in size.
Pixels warp(const Pixels& in, const Displacement& field);

}  // namespace mito::image
