#include "engine/annotations/box_kind.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

namespace mito::annotations {
namespace {

/// Width and height of a box if it is of this kind.
struct Sides {
  double width = 0;
  double height = 0;
};

Sides sides_of(const Box& box, BoxKind kind) {
  const auto& n = box.numbers;
  return kind == BoxKind::Size ? Sides{n[2], n[3]} : Sides{n[2] - n[0], n[3] - n[1]};
}

bool is_possible(const Box& box, BoxKind kind) {
  constexpr double kBeyond = 1;  // px; corners are rounded
  const auto sides = sides_of(box, kind);
  if (sides.width < 0 || sides.height < 0) return false;
  const auto ends_inside = [](double end, const std::optional<double>& size) {
    return !size || end <= *size + kBeyond;
  };
  return ends_inside(box.numbers[0] + sides.width, box.image_width) &&
         ends_inside(box.numbers[1] + sides.height, box.image_height);
}

bool has_stated_area(const Box& box, BoxKind kind) {
  const auto sides = sides_of(box, kind);
  const double area = sides.width * sides.height;
  return box.area && *box.area > 0 && std::abs(area - *box.area) <= 0.01 * *box.area;
}

bool is_square(const Box& box, BoxKind kind) {
  const auto sides = sides_of(box, kind);
  const double rounded = std::min(1.0, 0.02 * sides.width) + 1e-3;
  return sides.width >= 0 && std::abs(sides.width - sides.height) <= rounded;
}

bool is_small(const Box& box, BoxKind kind) {
  constexpr double kLargest = 1000;  // px; a figure has some 50
  const auto sides = sides_of(box, kind);
  return std::max(sides.width, sides.height) <= kLargest;
}

/// The kind for which `holds` and the other does not: in any box, or contradicting.
template <class Holds>
BoxKind told_by(std::span<const Box> boxes, Holds holds) {
  bool corners = false;
  bool size = false;
  for (const auto& box : boxes) {
    const bool as_corners = holds(box, BoxKind::Corners);
    const bool as_size = holds(box, BoxKind::Size);
    corners = corners || (as_corners && !as_size);
    size = size || (as_size && !as_corners);
  }
  if (corners == size) return BoxKind::Unclear;
  return corners ? BoxKind::Corners : BoxKind::Size;
}

/// The kind for which nearly all boxes are square, while few are as the other.
BoxKind told_by_squares(std::span<const Box> boxes) {
  const auto share = [&](BoxKind kind) {
    return static_cast<double>(
               std::ranges::count_if(boxes, [&](const Box& box) { return is_square(box, kind); })) /
           static_cast<double>(boxes.size());
  };
  constexpr double kNearlyAll = 0.9;
  constexpr double kFew = 0.5;
  const double corners = share(BoxKind::Corners);
  const double size = share(BoxKind::Size);
  if (corners >= kNearlyAll && size < kFew) return BoxKind::Corners;
  if (size >= kNearlyAll && corners < kFew) return BoxKind::Size;
  return BoxKind::Unclear;
}

/// Are there boxes that can only be corners, and others that can only be sizes?
bool contradict(std::span<const Box> boxes) {
  const auto is_only = [&](BoxKind kind, BoxKind other) {
    return std::ranges::any_of(
        boxes, [&](const Box& box) { return is_possible(box, kind) && !is_possible(box, other); });
  };
  return is_only(BoxKind::Corners, BoxKind::Size) && is_only(BoxKind::Size, BoxKind::Corners);
}

PointL0 center_as(const Box& box, BoxKind kind) {
  const auto sides = sides_of(box, kind);
  return {box.numbers[0] + sides.width / 2, box.numbers[1] + sides.height / 2};
}

}  // namespace

BoxKind kind_of(std::span<const Box> boxes) {
  if (boxes.empty() || contradict(boxes)) return BoxKind::Unclear;
  BoxKind kind = BoxKind::Unclear;
  for (const auto sign :
       {told_by(boxes, is_possible), told_by(boxes, has_stated_area), told_by_squares(boxes)}) {
    if (sign == BoxKind::Unclear) continue;
    if (kind != BoxKind::Unclear && kind != sign) return BoxKind::Unclear;
    kind = sign;
  }
  return kind == BoxKind::Unclear ? told_by(boxes, is_small) : kind;
}

std::optional<PointL0> center_of(const Box& box, BoxKind kind) {
  const auto sides = sides_of(box, kind);
  if (kind != BoxKind::Unclear && sides.width >= 0 && sides.height >= 0)
    return center_as(box, kind);
  const bool is_same = box.numbers[0] == 0 && box.numbers[1] == 0;
  if (kind == BoxKind::Unclear && is_same && is_possible(box, BoxKind::Size))
    return center_as(box, BoxKind::Size);
  return std::nullopt;
}

std::string unclear(const Box& box, BoxKind kind) {
  const auto numbers = fmt::format("[{}]", fmt::join(box.numbers, ", "));
  if (kind == BoxKind::Corners)
    return fmt::format(
        "expected corners [x0, y0, x1, y1] with x0 <= x1 and y0 <= y1, found {}; is it [x, y, "
        "width, height] (box: size)?",
        numbers);
  if (kind == BoxKind::Size)
    return fmt::format("expected [x, y, width, height], found {}", numbers);
  return fmt::format(
      "{} may be two corners or left, top, width and height, and nothing in the file tells which: "
      "say it with 'box', corners or size",
      numbers);
}

}  // namespace mito::annotations
