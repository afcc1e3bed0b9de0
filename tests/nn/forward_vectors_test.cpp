#include <cmath>

#include "engine/nn/backend.h"
#include "engine/nn/dense.h"
#include "engine/nn/fft_network.h"
#include "engine/nn/loss.h"
#include "tests/vectors_check/harness.h"

namespace mito::nn {
namespace {

using vectors::Case;

// The formulas of the vector file's `about`.
Tensors formula_tensors(const Architecture& architecture) {
  Tensors tensors;
  std::size_t layer = 0;
  for (const auto& spec : tensor_specs(architecture)) {
    std::size_t size = 1;
    for (const auto side : spec.shape) size *= side;
    std::vector<float> values(size);
    const auto l = static_cast<double>(layer);
    for (std::size_t i = 0; i < size; ++i) {
      const auto at = static_cast<double>(i);
      const double value = spec.is_weight ? std::sin(0.37 * (at + 1) + 1.7 * (l + 1)) * 2 /
                                                std::sqrt(static_cast<double>(spec.fan_in))
                                          : 0.05 * std::cos(at + l);
      values[i] = static_cast<float>(value);
    }
    tensors[spec.name] = Array::of(values, spec.shape);
    if (!spec.is_weight) ++layer;
  }
  return tensors;
}

std::vector<std::uint8_t> formula_pixels(std::int64_t height, std::int64_t width) {
  std::vector<std::uint8_t> out;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < 3; ++c)
        out.push_back(static_cast<std::uint8_t>((31 * x + 17 * y + 7 * x * y + 53 * c) % 256));
    }
  }
  return out;
}

std::vector<float> planes(const std::vector<std::uint8_t>& rgb) {
  const std::size_t plane = rgb.size() / 3;
  std::vector<float> out(rgb.size());
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      out[c * plane + i] = static_cast<float>(rgb[3 * i + c]) / 255.0F;
  }
  return out;
}

// Nested and flat arrays hold the same numbers in the same order.
void flatten(const vectors::json& value, std::vector<double>& out) {
  if (!value.is_array()) {
    out.push_back(value.get<double>());
    return;
  }
  for (const auto& item : value) flatten(item, out);
}

void compare(
    Case& c, const std::string& field, const std::vector<double>& got, double abs, double rel) {
  std::vector<double> expected;
  flatten(c.expected(field), expected);
  ASSERT_EQ(got.size(), expected.size()) << field;
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], expected[i], abs + rel * std::abs(expected[i])) << field << " " << i;
  c.skip(field);  // compared above: the nesting of the file is free
}

void check_logits(Case& c, const std::vector<float>& logits) {
  compare(c, "logits", {logits.begin(), logits.end()}, c.tolerance_value("logits_abs"),
          c.tolerance_value("logits_rel"));
  std::vector<double> probability;
  const std::size_t half = logits.size() / 2;
  for (std::size_t i = 0; i < half; ++i)
    probability.push_back(
        mitosis_probability(static_cast<double>(logits[i]), static_cast<double>(logits[half + i])));
  compare(c, "probability_mitosis", probability, c.tolerance_value("probability_abs"), 0);
}

/// The same by backend fft, whose input is continued with white.
std::vector<float> own_kernels(const Architecture& architecture,
                               const std::vector<std::uint8_t>& pixels,
                               std::int64_t height,
                               std::int64_t width) {
  const FftNetwork network(architecture, formula_tensors(architecture), 1);
  const auto more = network.dense_parts().context_px;
  return network.dense(cut({{0, 0, width, height}, pixels}, {0, 0, width + more, height + more}),
                       height + more, width + more);
}

TEST(Vectors, Forward) {
  vectors::for_each_case("forward", [](Case& c) {
    Architecture architecture;
    if (c.get<std::string>("arch") == "table2") {
      architecture.filters = c.get<std::vector<std::int64_t>>("filters");
      architecture.slope = c.get<double>("leaky");
    } else {
      architecture = cnn12();
      architecture.filters = c.get<std::vector<std::int64_t>>("widths");
      architecture.dense_units = c.get<std::int64_t>("dense");
    }
    const auto height = c.get<std::int64_t>("height");
    const auto width = c.get<std::int64_t>("width");
    const auto pixels = formula_pixels(height, width);
    const auto network =
        backend().network(architecture, formula_tensors(architecture), Device::Cpu);
    if (architecture.family == Family::Table2) {
      check_logits(c, network->dense(pixels, height, width));
      check_logits(c, own_kernels(architecture, pixels, height, width));
    }
    if (height == kPatch && width == kPatch) check_logits(c, network->logits(planes(pixels), 1));
  });
}

}  // namespace
}  // namespace mito::nn
