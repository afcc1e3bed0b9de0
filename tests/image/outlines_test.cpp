#include "engine/image/outlines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito::image {
namespace {

using ::testing::IsEmpty;

/// 20 x 20 px of 8 um: a square with a square hole, and a square below it.
TissueMask drawn() {
  TissueMask mask;
  mask.grid = {32, 32, 8, 20, 20};
  mask.tissue.assign(400, 0);
  const auto fill = [&](int from, int to, int top, int bottom, std::uint8_t value) {
    for (int y = top; y < bottom; ++y)
      for (int x = from; x < to; ++x) mask.tissue[static_cast<std::size_t>(y * 20 + x)] = value;
  };
  fill(2, 14, 2, 14, 1);
  fill(6, 10, 6, 10, 0);
  fill(2, 8, 16, 19, 1);
  return mask;
}

TEST(Outlines, GoAroundRegionsFromTopToBottomAndTheirHoles) {
  const auto found = outlines(drawn(), Ground::Tissue);

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].outer.size(), 4U);
  EXPECT_EQ(found[0].outer[0], (PointL0{79.5, 79.5}));  // mask pixel 2: (2 + 0.5) * 32 - 0.5
  ASSERT_EQ(found[0].holes.size(), 1U);
  EXPECT_GE(found[0].holes[0].size(), 4U);
  EXPECT_THAT(found[1].holes, IsEmpty());
  EXPECT_EQ(found[1].outer[0].y, 527.5);
}

TEST(Outlines, OfAKindThatIsNotThereAreNone) {
  EXPECT_THAT(outlines(drawn(), Ground::Pen), IsEmpty());
  TissueMask pen = drawn();
  pen.ground = pen.tissue;
  for (auto& ground : pen.ground)
    if (ground != 0) ground = static_cast<std::uint8_t>(Ground::Pen);
  EXPECT_EQ(outlines(pen, Ground::Pen).size(), 2U);
}

}  // namespace
}  // namespace mito::image
