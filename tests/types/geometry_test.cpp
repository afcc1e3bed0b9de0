#include "engine/types/geometry.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito {
namespace {

TEST(Affine, InverseUndoesTheMap) {
  const Affine map{0.9, -0.3, 120, 0.25, 1.1, -40};

  const PointL0 back = inverse(map).apply(map.apply({37, -5}));

  EXPECT_NEAR(back.x, 37, 1e-12);
  EXPECT_NEAR(back.y, -5, 1e-12);
  EXPECT_THROW(inverse(Affine{1, 2, 0, 2, 4, 0}), DataError);
}

TEST(Affine, ComposeAppliesTheInnerMapFirst) {
  const Affine turn{0, -1, 0, 1, 0, 0};
  const Affine shift{1, 0, 10, 0, 1, 0};

  EXPECT_EQ(compose(shift, turn).apply({2, 3}), shift.apply(turn.apply({2, 3})));
  EXPECT_EQ(compose(turn, shift).apply({2, 3}), turn.apply(shift.apply({2, 3})));
}

}  // namespace
}  // namespace mito
