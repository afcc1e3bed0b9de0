#include "nodes/detector/members/members.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::members {
namespace {

PatchSet patches() {
  PatchSet set;
  set.slides = {{"slide", "identity", "case", CaseSet::Training}};
  set.slide = {0, 0};
  set.at = {{1, 2}, {3, 4}};
  set.label = {1, 0};
  set.in_pool = {5, 6};
  return set;
}

TEST(Members, HaveTheSamePatchesAndSeedsOfTheirOwn) {
  const Params params{.members = 3, .seed = 40};

  const auto second = of_member(patches(), params, 1);

  EXPECT_EQ(second.member, 1);
  EXPECT_EQ(second.seed, 42U);
  EXPECT_EQ(second.at, patches().at);
  EXPECT_EQ(second.label, patches().label);
  EXPECT_NE(content_digest(second), content_digest(of_member(patches(), params, 2)));
}

TEST(Members, AreNoMoreThanAskedFor) {
  EXPECT_THROW(of_member(patches(), {.members = 2}, 2), DataError);
}

}  // namespace
}  // namespace mito::members
