#include "engine/nn/dense/head.h"

#include <algorithm>

#include "engine/nn/dense/transform.h"

namespace mito::nn::dense {
namespace {

constexpr std::size_t kKernel = 14;
// Spectra of a batch of squares, of features and of hidden units together: half of the filters', in
// these bounds. Filters are read once per batch: the more squares, the less their reading counts.
constexpr std::size_t kLeastSpectraBytes = std::size_t{128} << 20;
constexpr std::size_t kMostSpectraBytes = std::size_t{512} << 20;

/// Packs the spectra of the filters of one input channel for 16 hidden units.
struct FilterPanel {
  std::size_t side = 0;
  std::size_t in_channels = 0;
  std::size_t panels = 0;
  std::size_t channel = 0;
  std::size_t panel = 0;

  void store(const Floats& spectrum, Floats& filters) const {
    // Both spectra come out doubled, and the inverse transform is not normalised.
    const auto n = static_cast<float>(side * side);
    const float scale = 0.25F / n;
    for (std::size_t f = 0; f < frequencies(side); ++f) {
      const float* from = spectrum.data() + f * 2 * kPanel;
      float* to = filters.data() + ((f * panels + panel) * 2 * in_channels + channel) * kPanel;
      for (std::size_t o = 0; o < kPanel; ++o) {
        to[o] = scale * from[o];
        to[in_channels * kPanel + o] = -scale * from[kPanel + o];  // correlation: conjugate
      }
    }
  }
};

/// Filters [hidden][in][14][14] as complex matrices, see SpectrumProduct.
Floats filter_spectra(std::span<const float> weights,
                      std::size_t hidden,
                      std::size_t in,
                      std::size_t side) {
  const std::size_t panels = round_up(hidden, kPanel) / kPanel;
  Floats filters(frequencies(side) * panels * 2 * in * kPanel);
  Floats map(kKernel * side * kPanel);
  Floats spectrum(frequencies(side) * 2 * kPanel);
  Floats scratch(transform_scratch(side));
  for (std::size_t panel = 0; panel < panels; ++panel) {
    for (std::size_t c = 0; c < in; ++c) {
      const std::size_t count = std::min(kPanel, hidden - panel * kPanel);
      std::fill_n(map.data(), map.size(), 0.0F);
      for (std::size_t o = 0; o < count; ++o) {
        const float* kernel = &weights[((panel * kPanel + o) * in + c) * kKernel * kKernel];
        for (std::size_t y = 0; y < kKernel; ++y) {
          for (std::size_t x = 0; x < kKernel; ++x)
            map.data()[(y * side + x) * kPanel + o] = kernel[y * kKernel + x];
        }
      }
      transform(ForwardTransform{side,
                                 map.data(),
                                 kKernel,
                                 side * kPanel,
                                 kPanel,
                                 {spectrum.data(), 1, kPanel},
                                 0,
                                 scratch.data()});
      FilterPanel{side, in, panels, c, panel}.store(spectrum, filters);
    }
  }
  return filters;
}

Floats padded_copy(std::span<const float> values) {
  Floats out(round_up(values.size(), kPanel));
  std::copy(values.begin(), values.end(), out.data());
  return out;
}

}  // namespace

Head::Head(const Architecture& architecture, const Tensors& tensors, std::size_t side)
    : side_(side),
      in_channels_(static_cast<std::size_t>(architecture.filters[7])),
      hidden_(static_cast<std::size_t>(architecture.filters[8])),
      slope_(static_cast<float>(architecture.slope)),
      filters_(filter_spectra(tensors.at("conv9.weight").as<float>(), hidden_, in_channels_, side)),
      hidden_bias_(padded_copy(tensors.at("conv9.bias").as<float>())) {
  const auto weights = tensors.at("output.weight").as<float>();
  const auto bias = tensors.at("output.bias").as<float>();
  for (std::size_t k = 0; k < 2; ++k) {
    weights_[k] = padded_copy(weights.subspan(k * hidden_, hidden_));
    bias_[k] = bias[k];
  }
}

std::size_t Head::filter_bytes(const Architecture& architecture, std::size_t side) {
  const auto in = static_cast<std::size_t>(architecture.filters[7]);
  const auto hidden = static_cast<std::size_t>(architecture.filters[8]);
  return frequencies(side) * 2 * in * round_up(hidden, kPanel) * sizeof(float);
}

std::size_t Head::square() const { return side_ - kTransformMargin; }
std::size_t Head::step() const { return round_up(in_channels_, kPanel); }

void Head::run(const float* features,
               std::size_t feature_columns,
               std::size_t rows,
               std::size_t columns,
               const std::array<float*, 2>& logits,
               Scratch& scratch) const {
  const std::size_t squares = rows * columns;
  const std::size_t bytes =
      frequencies(side_) * 2 * (step() + round_up(hidden_, kPanel)) * sizeof(float);
  const std::size_t room =
      std::clamp(filters_.size() * sizeof(float) / 2, kLeastSpectraBytes, kMostSpectraBytes);
  const std::size_t most = std::max<std::size_t>(1, room / bytes);
  const std::size_t batches = (squares + most - 1) / most;
  for (std::size_t b = 0; b < batches; ++b) {
    const std::size_t first = squares * b / batches;
    run_batch(features, feature_columns, columns, first, squares * (b + 1) / batches - first,
              logits, scratch);
  }
}

void Head::run_batch(const float* features,
                     std::size_t feature_columns,
                     std::size_t columns,
                     std::size_t first,
                     std::size_t count,
                     const std::array<float*, 2>& logits,
                     Scratch& scratch) const {
  const std::size_t hidden = round_up(hidden_, kPanel);
  scratch.in_.grow(frequencies(side_) * count * 2 * step());
  scratch.out_.grow(frequencies(side_) * count * 2 * hidden);
  scratch.sums_.grow(count * step());
  scratch.transform_.grow(output_scratch(side_));
  for (auto& s : scratch.square_) s.grow(square() * square());
  const Spectra in{scratch.in_.data(), count, step()};
  const Spectra out{scratch.out_.data(), count, hidden};

  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = (first + i) / columns * square();
    const std::size_t column = (first + i) % columns * square();
    transform(ForwardTransform{side_, features + (row * feature_columns + column) * step(), side_,
                               feature_columns * step(), step(), in, i, scratch.transform_.data()});
  }
  multiply(SpectrumProduct{side_, count, in, in_channels_, filters_.data(), out, padded(hidden_),
                           scratch.sums_.data()});
  for (std::size_t i = 0; i < count; ++i) {
    transform(OutputTransform{side_,
                              out,
                              i,
                              hidden_bias_.data(),
                              slope_,
                              {weights_[0].data(), weights_[1].data()},
                              scratch.transform_.data(),
                              {scratch.square_[0].data(), scratch.square_[1].data()}});
    const std::size_t row = (first + i) / columns * square();
    const std::size_t column = (first + i) % columns * square();
    for (std::size_t k = 0; k < 2; ++k) {
      for (std::size_t y = 0; y < square(); ++y) {
        const float* from = scratch.square_[k].data() + y * square();
        float* to = logits[k] + (row + y) * columns * square() + column;
        for (std::size_t x = 0; x < square(); ++x) to[x] = from[x] + bias_[k];
      }
    }
  }
}

}  // namespace mito::nn::dense
