#include "engine/stats/chance.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

TEST(Chance, IsAtLeastThatOfCallingEverythingAMitosisAndLittleMoreOnManyPatches) {
  const double all = 2 * 500.0 / (1000 + 500);
  EXPECT_GE(chance_f1(1000, 500), all);
  EXPECT_LT(chance_f1(1000, 500), all + 0.03);
  EXPECT_GT(chance_f1(20, 10), all + 0.03);  // few patches are sometimes in a lucky order
}

TEST(Chance, OfTwoPatchesIsThatOfALuckyOrder) {
  EXPECT_DOUBLE_EQ(chance_f1(2, 1), 1);  // half of the orders have the mitosis first
}

TEST(Chance, NeedsBothClasses) {
  EXPECT_THROW(chance_f1(10, 0), DataError);
  EXPECT_THROW(chance_f1(10, 10), DataError);
}

}  // namespace
}  // namespace mito::stats
