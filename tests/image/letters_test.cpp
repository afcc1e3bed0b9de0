#include "engine/image/letters.h"

#include <numeric>

#include <gtest/gtest.h>

namespace mito::image {
namespace {

std::int64_t ink(const Letters& line) {
  return std::accumulate(line.coverage.begin(), line.coverage.end(), std::int64_t{0});
}

/// Ink below the row that letters stand on.
std::int64_t below(const Letters& line) {
  return std::accumulate(line.coverage.begin() + line.baseline * line.width, line.coverage.end(),
                         std::int64_t{0});
}

TEST(Letters, AreAsWideAsTheFontSays) {
  // DejaVu Sans 2.37: advances of 1303 for m and 569 for i, of 2048 to the em.
  EXPECT_EQ(letters("m", 2048, 0).width, 1995);
  EXPECT_EQ(letters("i", 2048, 0).width, 569);
  EXPECT_EQ(letters("i", 2048, 5).width, 579);
  EXPECT_EQ(letters("mmmm", 20, 0).width, 78);  // 4 * 1995 * 20 / 2048, rounded up
}

TEST(Letters, HaveASignForMicro) {
  const auto micro = letters("\xc2\xb5", 40, 2);
  const auto u = letters("u", 40, 2);
  const auto lacking = letters("\xf3\xb0\x80\x80", 40, 2);  // of a private area

  EXPECT_GT(ink(micro), ink(u));  // it is a u with a stroke downwards
  EXPECT_GT(below(micro), 10 * below(u));
  EXPECT_NE(micro.coverage, lacking.coverage);
  EXPECT_GT(ink(lacking), 0);
}

TEST(Letters, LeaveTheMarginFree) {
  const auto line = letters("(j\xc3\x85gW)", 30, 6);

  for (std::int64_t y = 0; y < line.height; ++y) {
    if (y >= 3 && y < line.height - 3) continue;
    for (std::int64_t x = 0; x < line.width; ++x)
      EXPECT_EQ(line.coverage[static_cast<std::size_t>(y * line.width + x)], 0) << x << "," << y;
  }
}

TEST(Letters, OfNothingAreNone) {
  EXPECT_EQ(letters("", 20, 0).width, 0);
  EXPECT_EQ(ink(letters(" ", 20, 3)), 0);
}

TEST(Letters, BytesThatAreNoTextAreDrawnAsSomething) {
  EXPECT_GT(ink(letters("a\xff\xe2", 20, 3)), ink(letters("a", 20, 3)));
}

}  // namespace
}  // namespace mito::image
