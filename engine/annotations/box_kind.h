#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/types/geometry.h"

namespace mito::annotations {

/// Four numbers about an object: two corners [x0, y0, x1, y1] in MIDOG, left, top, width and height
/// [x, y, w, h] in COCO, whose files look alike otherwise.
struct Box {
  std::array<double, 4> numbers{};
  std::optional<double> area = {};         ///< px^2, as stated beside the box.
  std::optional<double> image_width = {};  ///< px.
  std::optional<double> image_height = {};
};

enum class BoxKind : std::uint8_t { Unclear, Corners, Size };

/// What the boxes of one file are, from the signs that they show: numbers that cannot be the one or
/// the other (a corner left of the first, a box that ends outside its image); areas; squares, which
/// boxes about a point are; else sides of more than 1000 px. Unclear when there is no such sign, or
/// when signs contradict each other.
BoxKind kind_of(std::span<const Box> boxes);

/// The centre of a box of this kind; of an unclear one where both readings agree, else empty. Empty
/// also for a box that cannot be of the kind.
std::optional<PointL0> center_of(const Box& box, BoxKind kind);

/// What to say of a box without a centre.
std::string unclear(const Box& box, BoxKind kind);

}  // namespace mito::annotations
