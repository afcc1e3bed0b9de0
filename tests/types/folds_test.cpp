#include "engine/types/folds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito {
namespace {

using ::testing::ElementsAre;

TEST(Folds, KeepACaseTogether) {
  EXPECT_THAT(folds_of({"b", "a", "b", "c"}, 5), ElementsAre(1, 0, 1, 2));
  EXPECT_THAT(folds_of({"d", "a", "b", "c"}, 2), ElementsAre(1, 0, 1, 0));
}

TEST(Folds, DealOutASingleCase) {
  EXPECT_THAT(folds_of({"a", "a", "a", "a"}, 3), ElementsAre(0, 1, 2, 0));
  EXPECT_THAT(folds_of({"a", "a"}, 5), ElementsAre(0, 1));
  EXPECT_THROW(folds_of({"a"}, 5), DataError);
}

}  // namespace
}  // namespace mito
