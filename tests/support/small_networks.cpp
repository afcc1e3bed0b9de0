#include "tests/support/small_networks.h"

#include <fstream>

#include "engine/core/digest.h"
#include "engine/core/random.h"
#include "tests/support/onnx_file.h"
#ifdef MITO_TEST_SCRIPTS
#include "tests/support/script_file.h"
#endif

namespace mito::test {
namespace {

using Path = std::filesystem::path;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

void write(const Path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

Path network_file(const Path& folder, const std::string& name, Format format) {
  return folder / (name + (format == Format::Onnx ? ".onnx" : ".pt"));
}

Path write_card(const Path& network, CardLines lines, const CardLines& more) {
  lines["network"] = network.filename().string();
  lines["digest"] = sha256_file(network);
  lines["licence"] = "CC0-1.0";
  lines["mpp"] = "0.25";
  for (const auto& [key, value] : more) lines[key] = value;
  std::string text;
  for (const auto& [key, value] : lines)
    if (!value.empty()) text += key + ": " + value + "\n";
  auto card = network;
  card.replace_extension(".yaml");
  write(card, text);
  return card;
}

void write_script_network([[maybe_unused]] const Path& file,
                          [[maybe_unused]] const Weights& weights,
                          [[maybe_unused]] const std::vector<float>& boxes,
                          [[maybe_unused]] const std::string& source) {
#ifdef MITO_TEST_SCRIPTS
  const auto side = static_cast<std::uint64_t>(weights.side);
  const auto outputs = weights.bias.size();
  std::map<std::string, Array> tensors{{"w", Array::of(weights.filter, {outputs, 3, side, side})},
                                       {"b", Array::of(weights.bias, {outputs})}};
  if (!boxes.empty()) tensors["boxes"] = Array::of(boxes, {1, boxes.size() / 4, 4});
  write_script(file, tensors, source);
#endif
}

std::string text(std::int64_t number) { return std::to_string(number); }

OnnxFile convolution(const Weights& weights, const std::string& output, std::int64_t stride) {
  OnnxFile file;
  const auto outputs = static_cast<std::int64_t>(weights.bias.size());
  file.constant("w", {outputs, 3, weights.side, weights.side}, weights.filter);
  file.constant("b", {outputs}, weights.bias);
  file.node("Conv", {"x", "w", "b"}, output,
            {{"kernel_shape", {weights.side, weights.side}}, {"strides", {stride, stride}}});
  return file;
}

}  // namespace

std::vector<Format> formats() {
#ifdef MITO_TEST_SCRIPTS
  return {Format::Onnx, Format::Script};
#else
  return {Format::Onnx};
#endif
}

Weights Weights::random(std::int64_t side, std::uint64_t seed) {
  Weights out{side, {}, {0.3F, -0.2F}};
  RandomStream random(seed, "weights", 0);
  const auto scale = 8.0 / static_cast<double>(side * side);
  for (std::int64_t i = 0; i < 2 * 3 * side * side; ++i)
    out.filter.push_back(
        static_cast<float>((static_cast<double>(random.below(1000)) / 500 - 1) * scale));
  return out;
}

Weights Weights::dark(std::int64_t side) {
  const auto pixels = index(side * side);
  Weights out{side, std::vector<float>(6 * pixels, 0.0F), {0.0F, 10.0F}};
  for (std::size_t i = 0; i < pixels; ++i)
    out.filter[3 * pixels + i] = -20.0F / static_cast<float>(pixels);
  return out;
}

std::vector<double> Weights::logits(const std::vector<float>& patch) const {
  std::vector<double> out;
  for (std::size_t c = 0; c < bias.size(); ++c) {
    auto sum = static_cast<double>(bias[c]);
    for (std::size_t i = 0; i < patch.size(); ++i)
      sum += static_cast<double>(filter[c * patch.size() + i]) * static_cast<double>(patch[i]);
    out.push_back(sum);
  }
  return out;
}

Path write_patch_network(const Path& folder,
                         const std::string& name,
                         Format format,
                         const Weights& weights,
                         const CardLines& more) {
  const auto file = network_file(folder, name, format);
  if (format == Format::Onnx) {
    auto onnx = convolution(weights, "sums", 1);
    onnx.node("Flatten", {"sums"}, "y", {}, {{"axis", 1}});
    write(file, onnx.bytes(0, weights.side));
  } else {
    write_script_network(file, weights, {},
                         "def forward(self, x):\n"
                         "  return torch.conv2d(x, self.w, self.b).flatten(1)\n");
  }
  return write_card(
      file, {{"output", "patch"}, {"values", "two_logits"}, {"input_px", text(weights.side)}},
      more);
}

Path write_heat_map(const Path& folder,
                    const std::string& name,
                    Format format,
                    const Weights& weights,
                    std::int64_t stride,
                    std::int64_t input,
                    const CardLines& more) {
  const auto file = network_file(folder, name, format);
  if (format == Format::Onnx)
    write(file, convolution(weights, "y", stride).bytes(1, input));
  else
    write_script_network(file, weights, {},
                         "def forward(self, x):\n"
                         "  return torch.conv2d(x, self.w, self.b, [" +
                             text(stride) + ", " + text(stride) + "])\n");
  return write_card(file,
                    {{"output", "heat_map"},
                     {"values", "two_logits"},
                     {"input_px", text(input)},
                     {"stride_px", text(stride)},
                     {"receptive_field_px", text(weights.side)}},
                    more);
}

Path write_box_network(const Path& folder,
                       const std::string& name,
                       Format format,
                       const Weights& weights,
                       std::int64_t input,
                       const CardLines& more) {
  const auto file = network_file(folder, name, format);
  const auto side = weights.side;
  const auto squares = input / side;
  std::vector<float> boxes;
  for (std::int64_t i = 0; i < squares * squares; ++i) {
    const auto x = static_cast<float>(i % squares * side);
    const auto y = static_cast<float>(i / squares * side);
    const auto length = static_cast<float>(side);
    boxes.insert(boxes.end(), {x, y, x + length, y + length});
  }
  const auto half = weights.filter.size() / 2;
  const Weights second{
      side,
      {weights.filter.begin() + static_cast<std::ptrdiff_t>(half), weights.filter.end()},
      {weights.bias.at(1)}};
  if (format == Format::Onnx) {
    auto onnx = convolution(second, "sums", side);
    onnx.constant("boxes", {1, squares * squares, 4}, boxes);
    onnx.constant("shape", {1, squares * squares, 1});
    onnx.node("Reshape", {"sums", "shape"}, "scores");
    onnx.node("Concat", {"boxes", "scores"}, "y", {}, {{"axis", 2}});
    write(file, onnx.bytes(1, input));
  } else {
    write_script_network(file, second, boxes,
                         "def forward(self, x):\n"
                         "  s = torch.conv2d(x, self.w, self.b, [" +
                             text(side) + ", " + text(side) +
                             "])\n"
                             "  return torch.cat([self.boxes, s.flatten(1).unsqueeze(2)], 2)\n");
  }
  return write_card(file,
                    {{"output", "boxes"},
                     {"values", "one_logit"},
                     {"input_px", text(input)},
                     {"receptive_field_px", text(side)}},
                    more);
}

}  // namespace mito::test
