#include "engine/slide/coloured_share.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mito::slide {
namespace {

constexpr double kSquareUm = 256;
constexpr double kMpp = 16;
constexpr std::int64_t kSide = static_cast<std::int64_t>(kSquareUm / kMpp);
constexpr int kColourful = 20;    // highest less lowest of R, G and B
constexpr double kLeast = 0.02;   // share of coloured pixels that makes a square count
constexpr double kSquares = 400;  // looked at, about: a fraction of a second for any slide

bool has_colour(const std::vector<std::uint8_t>& rgb) {
  std::size_t coloured = 0;
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    const auto [low, high] = std::minmax({rgb[i], rgb[i + 1], rgb[i + 2]});
    coloured += high - low >= kColourful ? 1U : 0U;
  }
  return static_cast<double>(coloured) >= kLeast * static_cast<double>(rgb.size()) / 3;
}

}  // namespace

double coloured_share(const Slide& slide) {
  const Grid grid = slide.grid(kMpp);
  const std::int64_t columns = std::max<std::int64_t>(1, (grid.width + kSide - 1) / kSide);
  const std::int64_t rows = std::max<std::int64_t>(1, (grid.height + kSide - 1) / kSide);
  const double squares = static_cast<double>(columns) * static_cast<double>(rows);
  const auto step =
      static_cast<std::int64_t>(std::max(1.0, std::round(std::sqrt(squares / kSquares))));
  std::int64_t seen = 0;
  std::int64_t coloured = 0;
  for (std::int64_t row = step / 2; row < rows; row += step) {
    for (std::int64_t column = step / 2; column < columns; column += step) {
      ++seen;
      coloured += has_colour(slide.read(grid, {column * kSide, row * kSide, kSide, kSide})) ? 1 : 0;
    }
  }
  return seen == 0 ? 1 : static_cast<double>(coloured) / static_cast<double>(seen);
}

}  // namespace mito::slide
