#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/params.h"

namespace mito::nn {

/// What is said of a network that was made elsewhere, in a YAML file beside it (docs/models.md).
/// Lengths are in pixels of the network (`mpp`), unless they are said to be of the grid.
struct Card {
  std::string network;
  std::string digest;
  std::string licence;
  double mpp = 0;
  std::int64_t input_px = 0;
  std::string channels = "rgb";
  std::vector<double> mean = {0, 0, 0};
  std::vector<double> std = {1, 1, 1};
  std::string output;
  std::string values;
  std::int64_t stride_px = 0;
  std::int64_t receptive_field_px = 0;
  std::string padding = "valid";
  std::optional<double> offset_px = {};
  std::string box = "corners";
  std::string boxes_along = "rows";
  double threshold = 0.5;
  std::string threshold_source;
  int batch = 16;
  std::vector<std::string> training_cases;
  std::vector<std::string> tuning_cases;

  static void describe(auto& p, auto&& field) {
    field("network", p.network,
          {.doc = "The file of the network, beside this one: .onnx, or TorchScript as .pt."});
    field("digest", p.digest, {.doc = "Its SHA-256, as sha256sum prints it."});
    field("licence", p.licence, {.doc = "Under which terms it may be used."});
    field("mpp", p.mpp,
          {.unit = Unit::MicronPerPixel,
           .range = {0.1, 8},
           .doc = "um per pixel of its input: 0.25, 0.5, 1 or 2, to 5 %."});
    field("input_px", p.input_px,
          {.unit = Unit::Pixel,
           .range = {1, 4096},
           .doc = "Side of its square input; of a classifier of patches, the patch."});
    field("channels", p.channels, {.choices = {"rgb", "bgr"}, .doc = "Their order in the input."});
    field("mean", p.mean,
          {.doc = "Input = (intensity in [0, 1] - mean) / std, by channel in their order."});
    field("std", p.std, {.range = {1e-6, 1e6}, .doc = "See mean."});
    field("output", p.output,
          {.choices = {"patch", "heat_map", "boxes"},
           .doc = "patch: of each patch whether its centre is a mitosis. heat_map: the same for "
                  "places of the input, `stride_px` apart. boxes: the mitoses, as boxes."});
    field("values", p.values,
          {.choices = {"two_logits", "one_logit", "softmax", "probability"},
           .doc = "What it gives: two logits (other, mitosis), the logit of a mitosis, two "
                  "probabilities (other, mitosis), the probability of a mitosis. Of a box, one."});
    field("stride_px", p.stride_px,
          {.unit = Unit::Pixel,
           .range = {1, 256},
           .doc = "From place to place of a heat map; from patch to patch where a slide is looked "
                  "at with a classifier of patches. A divisor of 256."});
    field("receptive_field_px", p.receptive_field_px,
          {.unit = Unit::Pixel,
           .range = {1, 4096},
           .doc = "Side of what a value of a heat map, or a box, depends on."});
    field("padding", p.padding,
          {.choices = {"valid", "same"},
           .doc = "Of a heat map: valid, (input - receptive field) / stride + 1 values along an "
                  "axis; same, input / stride."});
    field("offset_px", p.offset_px,
          {.unit = Unit::Pixel,
           .range = {0, 4096},
           .doc = "Where in the input the first value of a heat map lies; without it half a "
                  "receptive field (valid) or half a stride (same)."});
    field("box", p.box,
          {.choices = {"corners", "centre"},
           .doc = "corners: x and y of the first and of the last; centre: x, y, width, height."});
    field("boxes_along", p.boxes_along,
          {.choices = {"rows", "columns"},
           .doc = "rows: the output is [1][boxes][5], four numbers and the value; columns: "
                  "[1][5][boxes]."});
    field("threshold", p.threshold,
          {.range = {0, 1}, .doc = "From this probability on something is a mitosis."});
    field("threshold_source", p.threshold_source, {.doc = "Where it was chosen."});
    field("batch", p.batch,
          {.range = {1, 1024}, .doc = "Patches given at once; 1 where the file fixes it so."});
    field("training_cases", p.training_cases,
          {.doc = "Cases that it was trained on: they are not measured with it."});
    field("tuning_cases", p.tuning_cases, {.doc = "Cases that chose it or its threshold."});
  }

  /// Pixels of the analysis grid along one of the network: 1, 2, 4 or 8.
  std::int64_t reduction() const;
  /// Numbers that stand for one probability: 1 or 2.
  std::int64_t channels_out() const;
  /// Values of a heat map along an axis.
  std::int64_t map_side() const;
  /// Where the first of them lies, in whole pixels.
  std::int64_t offset() const;
  /// Side of a patch on the analysis grid.
  std::int64_t patch_px() const { return input_px * reduction(); }
};

/// How a network made elsewhere goes over a slide, in squares that begin at multiples of their
/// side. In pixels of the analysis grid.
struct Squares {
  std::int64_t side_px = 0;    ///< What a square answers for: 32, 64, 128 or 256.
  std::int64_t before_px = 0;  ///< Read to the left of it and above.
  std::int64_t behind_px = 0;  ///< Read to the right of it and below.
};

/// Of a network that goes over slides. Throws DataError when its input leaves no square of 32 px,
/// or it is a classifier of patches without `stride_px`.
Squares squares_of(const Card& card);

/// A card, its text, and the bytes of the network.
struct Imported {
  Card card;
  std::string card_text;
  std::string network;  ///< Bytes.
  std::string source;   ///< The file of the network, for messages.

  /// TorchScript runs in the network library; ONNX does not.
  bool needs_backend() const { return !card.network.ends_with(".onnx"); }
};

/// Is this the name of a card: .yaml or .yml?
bool is_card(const std::filesystem::path& file);

/// Reads a card and the network beside it. Throws ConfigError with every mistake in the card, its
/// line and column, also when the network is not the one that it states; DataError for a file
/// that cannot be read.
Imported read_card(const std::filesystem::path& file);

/// The card in `text`, which was read from `file`. Throws ConfigError.
Card parse_card(const std::string& text, const std::string& file);

}  // namespace mito::nn
