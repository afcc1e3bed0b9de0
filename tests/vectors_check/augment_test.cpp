// Augmentation operators E, B and H against the reference vectors: method 6.3.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "nodes/detector/augmentation/enhance.h"
#include "nodes/detector/augmentation/smooth.h"
#include "tests/vectors_check/harness.h"

namespace mito::vectors {
namespace {

std::vector<double> flat(const json& rows) {
  std::vector<double> out;
  for (const auto& row : rows)
    for (const auto& value : row) out.push_back(value.get<double>());
  return out;
}

json rows_of(const std::vector<double>& values, int width) {
  json rows = json::array();
  for (std::size_t i = 0; i < values.size(); i += static_cast<std::size_t>(width))
    rows.push_back(std::vector<double>(
        values.begin() + static_cast<std::ptrdiff_t>(i),
        values.begin() + static_cast<std::ptrdiff_t>(i) + static_cast<std::ptrdiff_t>(width)));
  return rows;
}

/// [y][x] or [y][x][channel].
image::Pixels pixels_of(const json& rows) {
  image::Pixels out;
  out.height = static_cast<int>(rows.size());
  out.width = static_cast<int>(rows.at(0).size());
  const auto& first = rows.at(0).at(0);
  out.channels = first.is_array() ? static_cast<int>(first.size()) : 1;
  for (const auto& row : rows) {
    for (const auto& pixel : row) {
      if (!pixel.is_array()) {
        out.values.push_back(pixel.get<float>());
        continue;
      }
      for (const auto& value : pixel) out.values.push_back(value.get<float>());
    }
  }
  return out;
}

/// In the nesting of `like`.
json json_of(const image::Pixels& pixels, const json& like) {
  json out = like;
  std::size_t i = 0;
  for (auto& row : out) {
    for (auto& pixel : row) {
      if (!pixel.is_array()) {
        pixel = double{pixels.values.at(i++)};
        continue;
      }
      for (auto& value : pixel) value = double{pixels.values.at(i++)};
    }
  }
  EXPECT_EQ(i, pixels.values.size());
  return out;
}

TEST(Vectors, Enhance) {
  for_each_case("enhance", [](Case& c) {
    auto pixels = pixels_of(c.input("image"));
    const std::size_t n = pixels.values.size() / 3;
    std::vector<float> planes(3 * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t ch = 0; ch < 3; ++ch)
        planes[ch * n + i] = pixels.values[3 * i + ch] / 255.0F;

    const auto op = c.get<std::string>("op");
    const auto factor = c.get<double>("factor");
    if (op == "color") {
      image::enhance_colour(planes, factor);
    } else if (op == "contrast") {
      image::enhance_contrast(planes, factor);
    } else {
      ASSERT_EQ(op, "brightness");
      image::enhance_brightness(planes, factor);
    }

    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t ch = 0; ch < 3; ++ch) pixels.values[3 * i + ch] = planes[ch * n + i];
    c.expect("float", json_of(pixels, c.expected("float")));
    for (auto& v : pixels.values) v *= 255;
    // As numbers: whole levels would be compared for equality.
    json levels = json_of(pixels, c.expected("pil_uint8"));
    json pil = c.expected("pil_uint8");
    const auto found = difference(levels, pil, {.abs = c.tolerance_value("pil_levels")});
    EXPECT_TRUE(found.empty()) << "pil_uint8" << found;
    c.skip("pil_uint8");
  });
}

TEST(Vectors, Blur) {
  for_each_case("blur", [](Case& c) {
    const auto out = image::blur(pixels_of(c.input("image")), c.get<double>("sigma"));

    c.expect("image", json_of(out, c.expected("image")));
  });
}

/// Spread of the random fields away from the border.
void check_statistics(Case& c) {
  const int size = c.get<int>("size");
  const int margin = c.get<int>("interior_margin");
  double sum = 0;
  double squares = 0;
  double n = 0;
  for (std::uint64_t i = 0; i < c.get<std::uint64_t>("fields"); ++i) {
    RandomStream random(1, "elastic", i);
    const auto field = image::random_elastic_field(size, size, c.get<double>("alpha"),
                                                   c.get<double>("sigma"), random);
    for (int y = margin; y < size - margin; ++y) {
      for (int x = margin; x < size - margin; ++x) {
        const auto at = static_cast<std::size_t>(y * size + x);
        for (const double v : {field.dx[at], field.dy[at]}) {
          sum += v;
          squares += v * v;
          n += 1;
        }
      }
    }
  }
  const double mean = sum / n;
  c.expect("interior_std", std::sqrt(squares / n - mean * mean),
           {.abs = 0, .rel = c.expected("relative_tolerance").get<double>()});
  EXPECT_LT(std::abs(mean), c.expected("mean_abs_below").get<double>());
  c.skip("relative_tolerance");
  c.skip("mean_abs_below");
}

TEST(Vectors, Elastic) {
  for_each_case("elastic", [](Case& c) {
    if (c.has("fields")) return check_statistics(c);
    const auto in = pixels_of(c.input("image"));
    const auto noise_x = flat(c.input("noise_x"));
    const auto noise_y = flat(c.input("noise_y"));

    const auto field = image::elastic_field(in.width, in.height, noise_x, noise_y,
                                            c.get<double>("alpha"), c.get<double>("sigma"));

    c.expect("dx", rows_of(field.dx, in.width));
    c.expect("dy", rows_of(field.dy, in.width));
    c.expect("image", json_of(image::warp(in, field), c.expected("image")));
  });
}

}  // namespace
}  // namespace mito::vectors
