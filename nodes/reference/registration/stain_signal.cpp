#include "nodes/reference/registration/stain_signal.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "engine/core/error.h"
#include "engine/image/hed.h"

namespace mito::image {
namespace {

constexpr double kWholePixels = 1e-6;

Mat3 matrix_named(const std::string& name) {
  if (name == "HED") return hed_rows();
  if (name == "HDX") return hdx_rows();
  if (name == "raw2001") return raw2001_rows();
  throw DataError("stain matrix '" + name + "': expected HED, HDX or raw2001");
}

cv::Mat view_of(Plane& plane) { return {plane.height, plane.width, CV_64F, plane.values.data()}; }

double grey(const std::uint8_t* rgb) { return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]; }

Rect padded(const Rect& area, const Signal& signal) { return area.grown(signal.margin()); }

Plane cropped(const Plane& plane, int margin) {
  Plane out{plane.width - 2 * margin, plane.height - 2 * margin, {}};
  out.values.reserve(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height));
  for (int y = 0; y < out.height; ++y) {
    const auto row =
        plane.values.begin() + static_cast<std::ptrdiff_t>(y + margin) * plane.width + margin;
    out.values.insert(out.values.end(), row, row + out.width);
  }
  return out;
}

Plane signal_of_padded(const std::vector<std::uint8_t>& rgb,
                       const Rect& area,
                       const Signal& signal) {
  return cropped(signal.of(rgb, static_cast<int>(area.width), static_cast<int>(area.height)),
                 signal.margin());
}

/// The smallest rectangle of whole pixels that bilinear sampling of `area` through a map touches.
Rect enclosing(const Affine& map, const Rect& area) {
  const auto left = static_cast<double>(area.x);
  const auto top = static_cast<double>(area.y);
  const auto right = static_cast<double>(area.x + area.width - 1);
  const auto bottom = static_cast<double>(area.y + area.height - 1);
  const std::array corners{map.apply({left, top}), map.apply({right, top}),
                           map.apply({left, bottom}), map.apply({right, bottom})};
  const auto [x0, x1] = std::ranges::minmax(corners, {}, &PointL0::x);
  const auto [y0, y1] = std::ranges::minmax(corners, {}, &PointL0::y);
  const auto low = [](double v) { return static_cast<std::int64_t>(std::floor(v)); };
  return {low(x0.x), low(y0.y), low(x1.x) - low(x0.x) + 2, low(y1.y) - low(y0.y) + 2};
}

/// Bilinear, by the definition of the method: cv::remap rounds places to 1/32 px.
std::vector<std::uint8_t> sampled(const std::vector<std::uint8_t>& rgb,
                                  const Rect& source,
                                  const Affine& map,
                                  const Rect& area) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(area.width * area.height) * 3);
  std::uint8_t* pixel = out.data();
  const std::int64_t stride = source.width * 3;
  for (std::int64_t y = area.y; y < area.y + area.height; ++y)
    for (std::int64_t x = area.x; x < area.x + area.width; ++x, pixel += 3) {
      const PointL0 at = map.apply({static_cast<double>(x), static_cast<double>(y)});
      // Rounding may put a place outside by a hair.
      const double sx = std::clamp(at.x - static_cast<double>(source.x), 0.0,
                                   static_cast<double>(source.width - 1) - kWholePixels);
      const double sy = std::clamp(at.y - static_cast<double>(source.y), 0.0,
                                   static_cast<double>(source.height - 1) - kWholePixels);
      const auto ix = static_cast<std::int64_t>(sx);
      const auto iy = static_cast<std::int64_t>(sy);
      const double fx = sx - static_cast<double>(ix);
      const double fy = sy - static_cast<double>(iy);
      const std::uint8_t* in = rgb.data() + iy * stride + ix * 3;
      for (int c = 0; c < 3; ++c) {
        const double upper = (1 - fx) * in[c] + fx * in[c + 3];
        const double lower = (1 - fx) * in[stride + c] + fx * in[stride + c + 3];
        pixel[c] = static_cast<std::uint8_t>((1 - fy) * upper + fy * lower + 0.5);
      }
    }
  return out;
}

bool is_whole_shift(const Affine& map) {
  const auto whole = [](double v) { return std::abs(v - std::round(v)) < kWholePixels; };
  return map.a == 1 && map.b == 0 && map.d == 0 && map.e == 1 && whole(map.c) && whole(map.f);
}

}  // namespace

Signal::Signal(const std::string& signal, const std::string& matrix, double blur_px)
    : matrix_(matrix), blur_px_(blur_px) {
  if (signal == "haematoxylin") {
    kind_ = Kind::Haematoxylin;
    matrix_named(matrix);
  } else if (signal == "od_sum") {
    kind_ = Kind::OpticalDensity;
  } else if (signal == "grey_inverted") {
    kind_ = Kind::InvertedGrey;
  } else if (signal == "gradient") {
    kind_ = Kind::Gradient;
  } else {
    throw DataError("signal '" + signal +
                    "': expected haematoxylin, od_sum, grey_inverted or gradient");
  }
}

Signal Signal::of_he(const SignalParams& params) {
  return {params.signal, params.he_matrix, params.blur_px};
}

Signal Signal::of_phh3(const SignalParams& params) {
  return {params.signal, params.phh3_matrix, params.blur_px};
}

int Signal::margin() const { return static_cast<int>(std::ceil(3 * blur_px_)); }

Plane Signal::raw(std::span<const std::uint8_t> rgb, int width, int height) const {
  const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (rgb.size() != 3 * pixels)
    throw DataError("signal: " + std::to_string(rgb.size()) + " bytes are no RGB picture of " +
                    std::to_string(width) + " x " + std::to_string(height));
  Plane plane{width, height, std::vector<double>(pixels)};
  switch (kind_) {
    case Kind::Haematoxylin: {
      const StainTransform transform(matrix_named(matrix_),
                                     {.eps = 1.0 / 255, .floor_at_eps = true});
      std::vector<float> stain(rgb.size());
      transform.to_stain(rgb, stain);
      for (std::size_t i = 0; i < pixels; ++i) plane.values[i] = double{stain[3 * i]};
      break;
    }
    case Kind::OpticalDensity:
      for (std::size_t i = 0; i < pixels; ++i)
        for (std::size_t c = 0; c < 3; ++c)
          plane.values[i] -= std::log(std::max<double>(rgb[3 * i + c], 1) / 255);
      break;
    case Kind::InvertedGrey:
    case Kind::Gradient:
      for (std::size_t i = 0; i < pixels; ++i) plane.values[i] = 1 - grey(&rgb[3 * i]) / 255;
      break;
  }
  if (kind_ == Kind::Gradient) {
    cv::Mat dx;
    cv::Mat dy;
    cv::Sobel(view_of(plane), dx, CV_64F, 1, 0, 3, 0.125, 0, cv::BORDER_REFLECT_101);
    cv::Sobel(view_of(plane), dy, CV_64F, 0, 1, 3, 0.125, 0, cv::BORDER_REFLECT_101);
    cv::Mat length;
    cv::magnitude(dx, dy, length);
    length.copyTo(view_of(plane));
  }
  return plane;
}

Plane Signal::of(std::span<const std::uint8_t> rgb, int width, int height) const {
  Plane plane = raw(rgb, width, height);
  const int side = 2 * margin() + 1;
  cv::Mat blurred;
  cv::GaussianBlur(view_of(plane), blurred, cv::Size(side, side), blur_px_, blur_px_,
                   cv::BORDER_REFLECT_101);
  for (int y = 0; y < height; ++y) {
    const double* row = blurred.ptr<double>(y);
    double* out = plane.values.data() + static_cast<std::ptrdiff_t>(y) * width;
    for (int x = 0; x < width; ++x) out[x] -= row[x];
  }
  return plane;
}

Plane signal_in(const ReadPixels& read, const Rect& area, const Signal& signal) {
  const Rect all = padded(area, signal);
  return signal_of_padded(read(all), all, signal);
}

std::vector<std::uint8_t> pixels_through(const ReadPixels& read,
                                         const Affine& source_from_area,
                                         const Rect& area) {
  if (is_whole_shift(source_from_area))
    return read({area.x + std::llround(source_from_area.c),
                 area.y + std::llround(source_from_area.f), area.width, area.height});
  const Rect source = enclosing(source_from_area, area);
  return sampled(read(source), source, source_from_area, area);
}

Plane signal_through(const ReadPixels& read,
                     const Affine& source_from_area,
                     const Rect& area,
                     const Signal& signal) {
  const Rect all = padded(area, signal);
  return signal_of_padded(pixels_through(read, source_from_area, all), all, signal);
}

}  // namespace mito::image
