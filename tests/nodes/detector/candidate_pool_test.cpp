#include "nodes/detector/candidate_pool/candidate_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::candidate_pool {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

LabelledCandidates slide(const std::string& name,
                         std::vector<GridPoint> at,
                         std::vector<std::uint8_t> label) {
  return {{}, name, "identity of " + name, "case of " + name, std::move(at), std::move(label), {}};
}

TEST(CandidatePool, HoldsSlideBySlideWhatHasAClass) {
  CandidatePool pool;
  add(pool, slide("a", {{1, 2}, {3, 4}, {5, 6}}, {0, 2, 1}));
  add(pool, slide("empty", {}, {}));
  add(pool, slide("b", {{7, 8}}, {1}));

  ASSERT_EQ(pool.slides.size(), 3U);
  EXPECT_EQ(pool.slides[2], (PoolSlide{"b", "identity of b", "case of b", CaseSet::Unused}));
  EXPECT_THAT(pool.slide, ElementsAre(0U, 0U, 2U));
  EXPECT_THAT(pool.at, ElementsAre(GridPoint{1, 2}, GridPoint{5, 6}, GridPoint{7, 8}));
  EXPECT_THAT(pool.label, ElementsAre(0, 1, 1));
}

TEST(CandidatePool, RefusesTheSameImageTwice) {
  CandidatePool pool;
  add(pool, slide("a", {}, {}));
  auto twin = slide("copy of a", {}, {});
  twin.identity = "identity of a";
  try {
    add(pool, twin);
    FAIL() << "the same image was taken twice";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'a'"), HasSubstr("'copy of a'")));
  }
}

}  // namespace
}  // namespace mito::candidate_pool
