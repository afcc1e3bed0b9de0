#include "engine/nn/dense/trunk.h"

#include <algorithm>
#include <string>

#include "engine/nn/dense/convolution.h"

namespace mito::nn::dense {
namespace {

constexpr std::size_t kSide = 4;      // of a Winograd tile
constexpr std::size_t kRowsKept = 8;  // two groups of 4: what a Winograd tile above still needs
constexpr std::size_t kStrip = 128;   // features: the rows kept of all layers stay in the cache
constexpr float kWhite = 1.0F;
constexpr std::array<std::size_t, Trunk::kLayers> kStride{1, 2, 1, 2, 1, 1, 1, 1};

// The first layer has three input channels, too few for the transforms to pay.
constexpr bool by_winograd(std::size_t layer) { return layer > 0 && kStride[layer] == 1; }

/// Weights of `layer` as [out][in][3][3].
std::span<const float> weights_of(const Tensors& tensors, std::size_t layer) {
  return tensors.at("conv" + std::to_string(layer + 1) + ".weight").as<float>();
}

Floats padded_bias(const Tensors& tensors, std::size_t layer) {
  const auto bias = tensors.at("conv" + std::to_string(layer + 1) + ".bias").as<float>();
  Floats out(round_up(bias.size(), kPanel));
  std::copy(bias.begin(), bias.end(), out.data());
  return out;
}

/// [panel][ky][kx][in][kPanel]
Floats direct_weights(std::span<const float> weights, std::size_t out, std::size_t in) {
  Floats packed(9 * in * round_up(out, kPanel));
  for (std::size_t o = 0; o < out; ++o) {
    for (std::size_t c = 0; c < in; ++c) {
      for (std::size_t k = 0; k < 9; ++k)
        packed.data()[((o / kPanel * 9 + k) * in + c) * kPanel + o % kPanel] =
            weights[(o * in + c) * 9 + k];
    }
  }
  return packed;
}

// G of F(4, 3).
constexpr double kG[6][3] = {{1.0 / 4, 0, 0},
                             {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                             {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                             {1.0 / 24, 1.0 / 12, 1.0 / 6},
                             {1.0 / 24, -1.0 / 12, 1.0 / 6},
                             {0, 0, 1}};

double winograd_weight(const float* kernel, std::size_t row, std::size_t column) {
  double sum = 0;
  for (std::size_t y = 0; y < 3; ++y) {
    for (std::size_t x = 0; x < 3; ++x)
      sum += kG[row][y] * kG[column][x] * static_cast<double>(kernel[3 * y + x]);
  }
  return sum;
}

/// [36][panel][in][kPanel]: G w G^T of every kernel.
Floats winograd_weights(std::span<const float> weights, std::size_t out, std::size_t in) {
  const std::size_t step = in * round_up(out, kPanel);
  Floats packed(36 * step);
  for (std::size_t o = 0; o < out; ++o) {
    for (std::size_t c = 0; c < in; ++c) {
      for (std::size_t p = 0; p < 36; ++p)
        packed.data()[p * step + (o / kPanel * in + c) * kPanel + o % kPanel] =
            static_cast<float>(winograd_weight(&weights[(o * in + c) * 9], p / 6, p % 6));
    }
  }
  return packed;
}

/// What a layer reads along an axis for `count` outputs, which it rounds up to its grid.
std::size_t inputs_for(std::size_t layer, std::size_t count) {
  return (count - 1) * kStride[layer] + 3;
}
std::size_t on_grid(std::size_t layer, std::size_t count) {
  return by_winograd(layer) ? round_up(count, kSide) : count;
}

/// Outputs along an axis of every layer, [0] being pixels, for `count` features.
std::array<std::size_t, Trunk::kLayers + 1> extents(std::size_t count) {
  std::array<std::size_t, Trunk::kLayers + 1> out{};
  out[Trunk::kLayers] = count;
  for (std::size_t layer = Trunk::kLayers; layer-- > 0;) {
    const std::size_t inputs = inputs_for(layer, out[layer + 1]);
    out[layer] = layer == 0 ? inputs : on_grid(layer - 1, inputs);
  }
  return out;
}

}  // namespace

/// A strip of columns, computed from top to bottom: every layer keeps the few rows that the one
/// above it still needs, so nothing is computed twice along y and the rows stay in the cache.
class Trunk::Strip {
 public:
  Strip(const Trunk& trunk, const Pixels& in, std::size_t column, std::size_t columns, Scratch& s)
      : trunk_(trunk), in_(in), first_pixel_(4 * column), extent_(extents(columns)), scratch_(s) {
    for (std::size_t i = 0; i < kLayers; ++i) {
      step_[i] = i == 0 ? 3 : padded(trunk.layers_[i - 1].out_channels);
      s.rows_[i].grow(kRowsKept * extent_[i] * step_[i]);
    }
    for (const auto& layer : trunk.layers_) {
      if (layer.winograd)
        s.products_.grow(winograd_scratch(padded(layer.in_channels), padded(layer.out_channels)));
    }
  }

  /// Writes all features of the strip, `rows` rows that are `row_step` numbers apart.
  void run(std::size_t rows, float* features, std::size_t row_step, std::size_t step) {
    features_ = features;
    row_step_ = row_step;
    step_[kLayers] = step;
    make(kLayers, rows);
  }

 private:
  float* row(std::size_t map, std::size_t y) {
    if (map == kLayers) return features_ + y * row_step_;
    return scratch_.rows_[map].data() + y % kRowsKept * extent_[map] * step_[map];
  }

  /// Makes the rows of a map (0: pixels, i: layer i) up to `end`.
  void make(std::size_t map, std::size_t end) {
    while (done_[map] < end) {
      if (map == 0) {
        read_row();
      } else if (trunk_.layers_[map - 1].winograd) {
        winograd(map);
      } else {
        direct(map);
      }
    }
  }

  void read_row() {
    const std::size_t y = done_[0]++;
    float* const out = row(0, y);
    const std::size_t known = y < in_.height && first_pixel_ < in_.width
                                  ? std::min(extent_[0], in_.width - first_pixel_)
                                  : 0;
    if (known > 0) {
      const auto from = in_.rgb.subspan((y * in_.width + first_pixel_) * 3, 3 * known);
      for (std::size_t i = 0; i < from.size(); ++i) out[i] = static_cast<float>(from[i]) / 255.0F;
    }
    std::fill(out + 3 * known, out + 3 * extent_[0], kWhite);
  }

  void direct(std::size_t map) {
    const auto& layer = trunk_.layers_[map - 1];
    const std::size_t y = done_[map];
    make(map - 1, y * layer.stride + 3);
    DirectRow r;
    for (std::size_t i = 0; i < 3; ++i) r.in[i] = row(map - 1, y * layer.stride + i);
    r.in_channels = layer.in_channels;
    r.in_step = step_[map - 1];
    r.stride = layer.stride;
    r.weights = layer.weights.data();
    r.bias = layer.bias.data();
    r.slope = trunk_.slope_;
    r.out = row(map, y);
    r.out_channels = padded(layer.out_channels);
    r.out_step = step_[map];
    r.width = extent_[map];
    convolve_row(r);
    ++done_[map];
  }

  void winograd(std::size_t map) {
    const auto& layer = trunk_.layers_[map - 1];
    const std::size_t y = done_[map];
    make(map - 1, y + kSide + 2);
    WinogradRows r;
    for (std::size_t i = 0; i < kSide + 2; ++i) r.in[i] = row(map - 1, y + i);
    r.in_channels = layer.in_channels;
    r.in_step = step_[map - 1];
    r.weights = layer.weights.data();
    r.bias = layer.bias.data();
    r.slope = trunk_.slope_;
    for (std::size_t i = 0; i < kSide; ++i) r.out[i] = row(map, y + i);
    r.out_channels = padded(layer.out_channels);
    r.out_step = step_[map];
    r.tiles = extent_[map] / kSide;
    r.scratch = scratch_.products_.data();
    convolve_winograd(r);
    done_[map] += kSide;
  }

  const Trunk& trunk_;
  const Pixels& in_;
  std::size_t first_pixel_;
  std::array<std::size_t, kLayers + 1> extent_;  ///< Columns of every map.
  std::array<std::size_t, kLayers + 1> step_{};  ///< Numbers per pixel of every map.
  std::array<std::size_t, kLayers + 1> done_{};  ///< Rows of every map that were made.
  Scratch& scratch_;
  float* features_ = nullptr;
  std::size_t row_step_ = 0;
};

Trunk::Trunk(const Architecture& architecture, const Tensors& tensors)
    : slope_(static_cast<float>(architecture.slope)) {
  std::size_t in = 3;
  for (std::size_t i = 0; i < kLayers; ++i) {
    Layer layer;
    layer.in_channels = in;
    layer.out_channels = static_cast<std::size_t>(architecture.filters[i]);
    layer.stride = kStride[i];
    layer.winograd = by_winograd(i);
    const auto pack = layer.winograd ? winograd_weights : direct_weights;
    layer.weights = pack(weights_of(tensors, i), layer.out_channels, in);
    layer.bias = padded_bias(tensors, i);
    in = layer.out_channels;
    layers_.push_back(std::move(layer));
  }
}

std::size_t Trunk::pixels(std::size_t count) { return extents(count)[0]; }

void Trunk::run(const Pixels& in,
                std::size_t rows,
                std::size_t columns,
                float* features,
                std::size_t step,
                Scratch& scratch) const {
  for (std::size_t column = 0; column < columns; column += kStrip) {
    Strip strip(*this, in, column, std::min(kStrip, columns - column), scratch);
    strip.run(rows, features + column * step, columns * step, step);
  }
}

}  // namespace mito::nn::dense
