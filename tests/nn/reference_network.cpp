#include "tests/nn/reference_network.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/random.h"

namespace mito::nn::reference {
namespace {

/// Channels [channels][height][width].
struct Map {
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;
  std::vector<double> values;
};

Map convolve(const Map& in,
             std::span<const float> weight,
             std::span<const float> bias,
             std::size_t kernel,
             std::size_t stride) {
  Map out{bias.size(), (in.height - kernel) / stride + 1, (in.width - kernel) / stride + 1, {}};
  for (std::size_t o = 0; o < out.channels; ++o) {
    std::vector<double> plane(out.height * out.width, static_cast<double>(bias[o]));
    const float* w = &weight[o * in.channels * kernel * kernel];
    for (std::size_t c = 0; c < in.channels; ++c) {
      for (std::size_t k = 0; k < kernel * kernel; ++k, ++w) {
        const auto factor = static_cast<double>(*w);
        for (std::size_t y = 0; y < out.height; ++y) {
          const double* from =
              &in.values[(c * in.height + y * stride + k / kernel) * in.width + k % kernel];
          double* to = &plane[y * out.width];
          for (std::size_t x = 0; x < out.width; ++x) to[x] += factor * from[x * stride];
        }
      }
    }
    out.values.insert(out.values.end(), plane.begin(), plane.end());
  }
  return out;
}

}  // namespace

std::vector<double> logits(const Architecture& architecture,
                           const Tensors& tensors,
                           std::span<const std::uint8_t> rgb,
                           std::size_t height,
                           std::size_t width) {
  Map map{3, height, width, std::vector<double>(3 * height * width)};
  for (std::size_t i = 0; i < height * width; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      map.values[c * height * width + i] = static_cast<double>(rgb[3 * i + c]) / 255;
  }
  for (std::size_t layer = 1; layer <= 10; ++layer) {
    const std::string name = layer == 10 ? "output" : "conv" + std::to_string(layer);
    map = convolve(map, tensors.at(name + ".weight").as<float>(),
                   tensors.at(name + ".bias").as<float>(),
                   layer == 10  ? 1
                   : layer == 9 ? 14
                                : 3,
                   layer == 2 || layer == 4 ? 2 : 1);
    if (layer < 10) {
      for (auto& v : map.values) v = v > 0 ? v : architecture.slope * v;
    }
  }
  return map.values;
}

Tensors lively_tensors(const Architecture& architecture, std::uint64_t seed, double gain) {
  Tensors out;
  std::uint64_t index = 0;
  for (const auto& spec : tensor_specs(architecture)) {
    RandomStream random(seed, "lively", index++);
    std::size_t n = 1;
    for (const auto side : spec.shape) n *= side;
    const double scale = !spec.is_weight ? 0.05
                         : spec.name == "output.weight"
                             ? gain / std::sqrt(static_cast<double>(spec.fan_in))
                             : std::sqrt(2.0 / static_cast<double>(spec.fan_in));
    std::vector<float> values(n);
    for (auto& v : values) v = static_cast<float>(scale * random.normal());
    out[spec.name] = Array::of(values, spec.shape);
  }
  return out;
}

std::vector<std::uint8_t> pixels(std::size_t height, std::size_t width) {
  RandomStream random(7, "pixels", 0);
  std::vector<std::uint8_t> rgb(height * width * 3);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const double wave =
          std::sin(static_cast<double>(x) / 9) * std::cos(static_cast<double>(y) / 14);
      for (std::size_t c = 0; c < 3; ++c)
        rgb[(y * width + x) * 3 + c] = static_cast<std::uint8_t>(
            std::clamp(128 + 80 * wave + random.uniform(-47, 47), 0.0, 255.0));
    }
  }
  return rgb;
}

std::vector<std::uint8_t> corner(std::span<const std::uint8_t> rgb,
                                 std::size_t width,
                                 std::size_t rows,
                                 std::size_t columns) {
  std::vector<std::uint8_t> out;
  for (std::size_t y = 0; y < rows; ++y) {
    const auto row = rgb.subspan(y * width * 3, columns * 3);
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

}  // namespace mito::nn::reference
