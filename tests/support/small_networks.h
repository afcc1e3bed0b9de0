#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mito::test {

/// The file of a network: ONNX, or TorchScript.
enum class Format : std::uint8_t { Onnx, Script };

/// Those that can be made here: TorchScript takes LibTorch.
std::vector<Format> formats();

/// One convolution over `side` px, whose sums are two logits; float RGB, [2][3][side][side].
struct Weights {
  std::int64_t side = 0;
  std::vector<float> filter;
  std::vector<float> bias;  ///< [2]

  /// Drawn at random, around 0.
  static Weights random(std::int64_t side, std::uint64_t seed);
  /// Calls a square a mitosis whose red is dark on average: logits (0, 20 * (0.5 - red)).
  static Weights dark(std::int64_t side);
  /// The two logits of a patch, [3][side][side], in double precision.
  std::vector<double> logits(const std::vector<float>& patch) const;
};

/// Keys of a card and their values, as YAML.
using CardLines = std::map<std::string, std::string>;

/// Writes FOLDER/NAME.onnx or .pt and FOLDER/NAME.yaml, the card with what is special in `more`;
/// an empty value leaves a key out. Gives the card's path.

/// A classifier of patches: the convolution over a patch, [n][2].
std::filesystem::path write_patch_network(const std::filesystem::path& folder,
                                          const std::string& name,
                                          Format format,
                                          const Weights& weights,
                                          const CardLines& more = {});
/// The same as a heat map: at every `stride` px of an input of `input` px, [1][2][m][m].
std::filesystem::path write_heat_map(const std::filesystem::path& folder,
                                     const std::string& name,
                                     Format format,
                                     const Weights& weights,
                                     std::int64_t stride,
                                     std::int64_t input,
                                     const CardLines& more = {});
/// Squares side by side, each a box with the second logit: [1][boxes][5].
std::filesystem::path write_box_network(const std::filesystem::path& folder,
                                        const std::string& name,
                                        Format format,
                                        const Weights& weights,
                                        std::int64_t input,
                                        const CardLines& more = {});

}  // namespace mito::test
