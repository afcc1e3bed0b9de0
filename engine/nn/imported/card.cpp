#include "engine/nn/imported/card.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>

#include <spdlog/fmt/fmt.h>

#include "engine/config/param_io.h"
#include "engine/config/value.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/memory_limit.h"
#include "engine/nn/backend.h"
#include "engine/types/geometry.h"
#include "engine/types/seen_images.h"

namespace mito::nn {
namespace {

constexpr std::int64_t kLeastSide = 32;
constexpr const char* kOwner = "the network's card";
constexpr std::uint64_t kCopies = 2;  // its bytes, and the network that is made of them

std::int64_t half_of(std::int64_t length) { return (length + 1) / 2; }

/// Reports what is wrong with a card that was read.
class Checks {
 public:
  Checks(const Card& card, const config::Value& map, Diagnostics& out)
      : card_(card), map_(map), out_(out) {}

  void run() {
    for (const char* key : {"network", "digest", "licence", "mpp", "input_px", "output", "values"})
      require(key, "");
    if (!out_.empty()) return;
    files();
    numbers();
    if (card_.output == "heat_map") {
      require("stride_px", " of a heat map");
      require("receptive_field_px", " of a heat map");
    }
    if (card_.output == "boxes") {
      require("receptive_field_px", " of boxes");
      if (card_.channels_out() != 1)
        say("values", "of a box is one number: expected one_logit or probability");
    }
    if (out_.empty()) shape();
  }

 private:
  void require(const std::string& key, const std::string& of) {
    if (map_.find(key) == nullptr)
      out_.add(map_.pos, fmt::format("{}: '{}' is missing{}", kOwner, key,
                                     of.empty() ? "" : ", which a card" + of + " needs"));
  }
  void say(const std::string& key, const std::string& problem) {
    const auto* value = map_.find(key);
    out_.add(value == nullptr ? map_.pos : value->pos,
             fmt::format("{}: '{}' {}", kOwner, key, problem));
  }
  void files() {
    const std::filesystem::path name = card_.network;
    if (name.empty() || name != name.filename())
      say("network", "must be the plain name of a file beside the card");
    else if (name.extension() != ".onnx" && name.extension() != ".pt")
      say("network",
          fmt::format("must end in .onnx or, for TorchScript, in .pt, got '{}'", card_.network));
    if (!is_content_digest(card_.digest)) say("digest", "must be 64 hex digits in lower case");
    if (card_.licence.empty()) say("licence", "must say under which terms it may be used");
  }
  void numbers() {
    const double ratio = card_.mpp / (static_cast<double>(card_.reduction()) * kAnalysisMpp);
    if (std::abs(ratio - 1) > 0.05)
      say("mpp", fmt::format("must be 0.25, 0.5, 1 or 2 to 5 %, got {}", card_.mpp));
    if (card_.mean.size() != 3) say("mean", "must have three numbers");
    if (card_.std.size() != 3) say("std", "must have three numbers");
    if (card_.stride_px != 0 && kBlockPx / card_.reduction() % card_.stride_px != 0)
      say("stride_px", fmt::format("must divide 256 px of the analysis grid, which are {} px here",
                                   kBlockPx / card_.reduction()));
  }
  void shape() {
    if (card_.output == "heat_map" && card_.receptive_field_px > card_.input_px)
      return say("receptive_field_px", fmt::format("must not exceed the input of {} px, got {}",
                                                   card_.input_px, card_.receptive_field_px));
    if (card_.padding == "same" && card_.output == "heat_map" &&
        card_.input_px % card_.stride_px != 0)
      return say("stride_px",
                 fmt::format("must divide the input of {} px where padding is same, got {}",
                             card_.input_px, card_.stride_px));
    if (card_.output == "patch" && card_.stride_px == 0) return;
    try {
      squares_of(card_);
    } catch (const DataError& error) {
      say("input_px", error.what());
    }
  }

  const Card& card_;
  const config::Value& map_;
  Diagnostics& out_;
};

std::string read_bytes(const std::filesystem::path& file, const std::string& expected) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.good() && !in.eof())
    throw DataError(fmt::format("{}: cannot be read: expected {}", file.string(), expected));
  return bytes;
}

Card parse(const std::string& text, const std::string& file, config::Value& map) {
  Diagnostics out;
  map = config::parse_yaml(text, file, out);
  if (out.empty() && !map.is_map())
    out.add({file, 1, 1}, fmt::format("{} must be a map, got {}", kOwner, map.kind_name()));
  out.throw_if_any();
  Card card;
  config::FieldList fields;
  Card::describe(card, fields);
  fields.read(&map, kOwner, out);
  Checks(card, map, out).run();
  out.throw_if_any();
  return card;
}

}  // namespace

std::int64_t Card::reduction() const {
  constexpr std::array<std::int64_t, 3> kCoarser{2, 4, 8};
  std::int64_t best = 1;
  const auto off = [&](std::int64_t n) {
    return std::abs(mpp - static_cast<double>(n) * kAnalysisMpp);
  };
  for (const auto n : kCoarser)
    if (off(n) < off(best)) best = n;
  return best;
}

std::int64_t Card::channels_out() const {
  return values == "two_logits" || values == "softmax" ? 2 : 1;
}

std::int64_t Card::map_side() const {
  return padding == "same" ? input_px / stride_px : (input_px - receptive_field_px) / stride_px + 1;
}

std::int64_t Card::offset() const {
  if (offset_px) return std::llround(*offset_px);
  return (padding == "same" ? stride_px : receptive_field_px) / 2;
}

Squares squares_of(const Card& card) {
  const auto k = card.reduction();
  if (card.output == "patch") {
    if (card.stride_px == 0)
      throw DataError(
          "this network classifies patches, and its card has no stride_px by which it would go "
          "over a slide");
    // The patch in the middle of every cell of stride_px, at the same place as around a candidate.
    const auto first = card.stride_px / 2 - card.input_px / 2;
    return {kBlockPx, std::max<std::int64_t>(0, -first) * k,
            std::max<std::int64_t>(0, first + card.input_px - card.stride_px) * k};
  }
  const auto half = half_of(card.receptive_field_px);
  for (std::int64_t side = kBlockPx; side >= kLeastSide; side /= 2) {
    const auto core = side / k;
    if (core < 1) break;
    const auto spare = std::max<std::int64_t>(0, (card.input_px - core) / 2);
    auto before = std::max(half, spare);
    auto needed = core + half;
    if (card.output == "heat_map") {
      if (core % card.stride_px != 0) break;
      // Values lie at multiples of the stride from the corner of the square.
      const auto offset = card.offset();
      before =
          offset + std::max<std::int64_t>(0, (std::max(half, spare) - offset) / card.stride_px) *
                       card.stride_px;
      if (before < half) before += card.stride_px;
      needed = core - 1 + card.stride_px / 2 + half;
      const auto last = (before - offset + core - 1 + card.stride_px / 2) / card.stride_px;
      if (last >= card.map_side()) continue;
    }
    if (before + needed <= card.input_px)
      return {side, before * k, (card.input_px - core - before) * k};
  }
  throw DataError(fmt::format(
      "must leave a square of at least {} px of the analysis grid, {} px here, between receptive "
      "fields of {} px: {} px are too few",
      kLeastSide, kLeastSide / k, card.receptive_field_px, card.input_px));
}

bool is_card(const std::filesystem::path& file) {
  return file.extension() == ".yaml" || file.extension() == ".yml";
}

Card parse_card(const std::string& text, const std::string& file) {
  config::Value map;
  return parse(text, file, map);
}

Imported read_card(const std::filesystem::path& file) {
  Imported out;
  out.card_text = read_bytes(file, "the card of a network");
  config::Value map;
  out.card = parse(out.card_text, file.string(), map);
  const auto beside = file.parent_path() / out.card.network;
  Diagnostics problems;
  if (!std::filesystem::is_regular_file(beside)) {
    problems.add(map.find("network")->pos,
                 fmt::format("{}: there is no file {}", kOwner, beside.string()));
    problems.throw_if_any();
  }
  std::error_code ignored;  // then reading it says why
  if (const auto bytes = std::filesystem::file_size(beside, ignored); !ignored)
    require_memory(kCopies * bytes, "the network " + beside.string());
  out.network = read_bytes(beside, "a network");
  out.source = beside.string();
  if (const auto found = sha256(out.network); found != out.card.digest)
    problems.add(map.find("digest")->pos,
                 fmt::format("{}: 'digest' is not that of {}, which is {}: it is another file, or "
                             "damaged",
                             kOwner, beside.string(), found));
  problems.throw_if_any();
  return out;
}

}  // namespace mito::nn
