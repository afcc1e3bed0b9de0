#include "engine/nn/imported/imported_network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/nn/imported/network_trial.h"
#include "engine/nn/imported/onnx_function.h"
#include "engine/nn/loss.h"

namespace mito::nn {
namespace {

std::size_t count_of(std::int64_t i) { return static_cast<std::size_t>(i); }

std::shared_ptr<const TensorFunction> opened(const Imported& imported, Device device) {
  return imported.needs_backend() ? backend().script(imported.network, device)
                                  : open_onnx(imported.network);
}

bool goes_over_slides(const Card& card) { return card.output != "patch" || card.stride_px != 0; }

/// "[16][2]"
std::string text_of(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, "]["));
}

/// Without dimensions of 1 behind the first: libraries add and drop them.
std::vector<std::int64_t> plain(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> out;
  for (const auto side : shape)
    if (out.empty() || side != 1) out.push_back(side);
  return out;
}

}  // namespace

/// Of one square or patch, [3][side][side] in the network's own pixels, channels and scale.
struct ImportedNetwork::Pixels {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<float> values;
};

ImportedNetwork::ImportedNetwork(const Imported& imported, Device device)
    : card_(imported.card), source_(imported.source) {
  if (goes_over_slides(card_)) squares_ = squares_of(card_);
  try {
    const std::int64_t count = card_.output == "patch" ? card_.batch : 1;
    try_network(imported.network, {imported.needs_backend(), count, card_.input_px});
    function_ = opened(imported, device);
    const std::vector<float> zeros(count_of(count * 3 * card_.input_px * card_.input_px));
    run(zeros, count);
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", source_, error.what()));
  }
}

void ImportedNetwork::require_shape(const Blob& found, std::int64_t count) const {
  std::vector<std::int64_t> expected{count, card_.channels_out()};
  if (card_.output == "heat_map")
    expected.insert(expected.end(), {card_.map_side(), card_.map_side()});
  bool fits = plain(found.shape) == plain(expected);
  std::string stated = text_of(expected);
  if (card_.output == "boxes") {
    const bool rows = card_.boxes_along == "rows";
    fits = found.shape.size() == 3 && found.shape[0] == 1 && found.shape[rows ? 2 : 1] == 5;
    stated = rows ? "[1][boxes][5]" : "[1][5][boxes]";
  }
  if (!fits)
    throw DataError(fmt::format(
        "an input of [{}][3][{}][{}] gives {}, but the card ('output: {}', 'values: {}') says {}",
        count, card_.input_px, card_.input_px, text_of(found.shape), card_.output, card_.values,
        stated));
}

Blob ImportedNetwork::run(std::span<const float> input, std::int64_t count) const {
  auto found = function_->run(input, count, card_.input_px);
  require_shape(found, count);
  return found;
}

float ImportedNetwork::checked(float value) const {
  constexpr float kRounding = 1e-3F;
  if (!(value >= -kRounding && value <= 1 + kRounding))
    throw DataError(fmt::format(
        "{}: the network gives {}, which is no probability, though its card says 'values: "
        "{}'",
        source_, value, card_.values));
  return std::clamp(value, 0.0F, 1.0F);
}

float ImportedNetwork::probability(std::span<const float> values,
                                   std::size_t first,
                                   std::size_t apart) const {
  if (card_.values == "probability") return checked(values[first]);
  if (card_.values == "softmax") return checked(values[first + apart]);
  const auto logit = [&](std::size_t i) { return static_cast<double>(values[i]); };
  return checked(static_cast<float>(card_.values == "one_logit"
                                        ? mitosis_probability(0, logit(first))
                                        : mitosis_probability(logit(first), logit(first + apart))));
}

void ImportedNetwork::normalise(std::span<float> input) const {
  const auto plane = input.size() / 3;
  if (card_.channels == "bgr")
    std::swap_ranges(input.begin(), input.begin() + std::ptrdiff_t(plane),
                     input.begin() + std::ptrdiff_t(2 * plane));
  for (std::size_t c = 0; c < 3; ++c) {
    const auto mean = static_cast<float>(card_.mean[c]);
    const auto scale = static_cast<float>(card_.std[c]);
    for (auto& v : input.subspan(c * plane, plane)) v = (v - mean) / scale;
  }
}

ImportedNetwork::Pixels ImportedNetwork::reduced(std::span<const std::uint8_t> rgb,
                                                 std::int64_t height,
                                                 std::int64_t width) const {
  const auto side = squares_.side_px + squares_.before_px + squares_.behind_px;
  if (height != side || width != side || rgb.size() != count_of(3 * side * side))
    throw DataError(fmt::format("{}: the network goes over a slide in squares read as {} x {} px",
                                source_, side, side));
  const auto k = card_.reduction();
  Pixels out{height / k, width / k, {}};
  out.values.resize(count_of(3 * out.height * out.width));
  const auto white = static_cast<float>(255 * k * k);
  std::size_t i = 0;
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < out.height; ++y)
      for (std::int64_t x = 0; x < out.width; ++x) {
        int sum = 0;
        for (std::int64_t v = y * k; v < (y + 1) * k; ++v)
          for (std::int64_t u = x * k; u < (x + 1) * k; ++u)
            sum += rgb[count_of((v * width + u) * 3 + c)];
        out.values[i++] = static_cast<float>(sum) / white;
      }
  normalise(out.values);
  return out;
}

std::vector<float> ImportedNetwork::classified(std::vector<float> patches,
                                               std::int64_t count) const {
  const auto numbers = count_of(3 * card_.input_px * card_.input_px);
  const std::int64_t batch = card_.batch;
  patches.resize(count_of((count + batch - 1) / batch * batch) * numbers);  // whole batches
  std::vector<float> out;
  for (std::int64_t first = 0; first < count; first += batch) {
    const auto found = run(
        std::span(patches).subspan(count_of(first) * numbers, count_of(batch) * numbers), batch);
    for (std::int64_t i = 0; i < std::min(batch, count - first); ++i)
      out.push_back(probability(found.values, count_of(i * card_.channels_out()), 1));
  }
  return out;
}

std::vector<float> ImportedNetwork::probabilities(std::span<const float> patches,
                                                  std::int64_t count) const {
  if (card_.output != "patch")
    throw DataError(fmt::format(
        "{}: its card says 'output: {}': it cannot classify a patch; a network for this step has "
        "'output: patch'",
        source_, card_.output));
  const auto side = patch_px();
  const auto numbers = count_of(3 * side * side);
  if (patches.size() != count_of(count) * numbers)
    throw DataError(
        fmt::format("{}: the network takes patches of {} px, but these are of another "
                    "size",
                    source_, side));
  const auto k = card_.reduction();
  const auto small = card_.input_px;
  std::vector<float> input(count_of(count * 3 * small * small));
  std::size_t at = 0;
  for (std::int64_t plane = 0; plane < 3 * count; ++plane)
    for (std::int64_t y = 0; y < small; ++y)
      for (std::int64_t x = 0; x < small; ++x) {
        float sum = 0;
        for (std::int64_t v = y * k; v < (y + 1) * k; ++v)
          for (std::int64_t u = x * k; u < (x + 1) * k; ++u)
            sum += patches[count_of((plane * side + v) * side + u)];
        input[at++] = sum / static_cast<float>(k * k);
      }
  for (std::int64_t i = 0; i < count; ++i)
    normalise(
        std::span(input).subspan(count_of(i * 3 * small * small), count_of(3 * small * small)));
  return classified(std::move(input), count);
}

std::vector<float> ImportedNetwork::windows(const Pixels& pixels) const {
  const auto core = squares_.side_px / card_.reduction();
  const auto cells = core / card_.stride_px;
  const auto side = card_.input_px;
  // Of the first patch, from the corner of the pixels.
  const auto first = squares_.before_px / card_.reduction() + card_.stride_px / 2 - side / 2;
  std::vector<float> patches;
  for (std::int64_t i = 0; i < cells * cells; ++i) {
    const auto x = first + i % cells * card_.stride_px;
    const auto y = first + i / cells * card_.stride_px;
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t row = 0; row < side; ++row) {
        const auto* from =
            &pixels.values[count_of((c * pixels.height + y + row) * pixels.width + x)];
        patches.insert(patches.end(), from, from + side);
      }
  }
  return classified(std::move(patches), cells * cells);
}

std::vector<float> ImportedNetwork::probability_map(std::span<const std::uint8_t> rgb,
                                                    std::int64_t height,
                                                    std::int64_t width) const {
  if (card_.output == "boxes")
    throw DataError(fmt::format(
        "{}: its card says 'output: boxes': it has no map of probabilities; detect_boxes takes it",
        source_));
  const auto pixels = reduced(rgb, height, width);
  const auto k = card_.reduction();
  std::vector<float> values;
  std::int64_t columns = 0;
  std::int64_t first = 0;   // value of the square's first pixel
  std::int64_t middle = 0;  // from where on a pixel belongs to the next value
  if (card_.output == "patch") {
    values = windows(pixels);
    columns = squares_.side_px / k / card_.stride_px;
  } else {
    const auto found = run(pixels.values, 1);
    columns = card_.map_side();
    const auto plane = count_of(columns * columns);
    for (std::size_t i = 0; i < plane; ++i) values.push_back(probability(found.values, i, plane));
    first = (squares_.before_px / k - card_.offset()) / card_.stride_px;
    middle = card_.stride_px / 2;
  }
  const auto at = [&](std::int64_t output) {
    return first + (output * kStride / k + middle) / card_.stride_px;
  };
  const auto outputs = squares_.side_px / kStride;
  std::vector<float> out;
  for (std::int64_t y = 0; y < outputs; ++y)
    for (std::int64_t x = 0; x < outputs; ++x)
      out.push_back(values[count_of(at(y) * columns + at(x))]);
  return out;
}

std::vector<FoundBox> ImportedNetwork::boxes(std::span<const std::uint8_t> rgb,
                                             std::int64_t height,
                                             std::int64_t width) const {
  if (card_.output != "boxes")
    throw DataError(fmt::format(
        "{}: its card says 'output: {}': it finds no boxes; cnn_dense or classify_candidates takes "
        "it",
        source_, card_.output));
  const auto pixels = reduced(rgb, height, width);
  const auto found = run(pixels.values, 1);
  const auto& v = found.values;
  const bool rows = card_.boxes_along == "rows";
  const auto count = count_of(found.shape[rows ? 1 : 2]);
  const std::size_t apart = rows ? 1 : count;
  const auto k = static_cast<double>(card_.reduction());
  std::vector<FoundBox> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = [&](std::size_t n) {
      return static_cast<double>(v[(rows ? 5 * i : i) + n * apart]);
    };
    const bool corners = card_.box == "corners";
    const double x = corners ? (number(0) + number(2)) / 2 : number(0);
    const double y = corners ? (number(1) + number(3)) / 2 : number(1);
    out.push_back({x * k - static_cast<double>(squares_.before_px),
                   y * k - static_cast<double>(squares_.before_px),
                   probability(v, (rows ? 5 * i : i) + 4 * apart, 1)});
  }
  return out;
}

DenseParts ImportedNetwork::dense_parts() const {
  if (!goes_over_slides(card_)) squares_of(card_);  // says why
  return {.block_px = squares_.side_px,
          .before_px = squares_.before_px,
          .behind_px = squares_.behind_px};
}

std::vector<float> ImportedNetwork::logits(std::span<const float>, std::int64_t) const {
  throw DataError(fmt::format("{}: a network made elsewhere gives probabilities only", source_));
}

std::vector<float> ImportedNetwork::dense(std::span<const std::uint8_t>,
                                          std::int64_t,
                                          std::int64_t) const {
  throw DataError(fmt::format("{}: a network made elsewhere gives probabilities only", source_));
}

}  // namespace mito::nn
