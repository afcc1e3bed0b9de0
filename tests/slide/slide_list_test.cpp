#include "nodes/slide/slide_list.h"

#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "tests/support/drawn_slide.h"

namespace mito::slide_list {
namespace {

TEST(SlideList, OneSlideGoesStraightIntoTheOutputFolder) {
  const auto found = entries({.paths = {"a/first.svs"}, .single = true});

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "first");
  EXPECT_EQ(found[0].folder, "");
}

TEST(SlideList, EqualNamesGetFoldersOfTheirOwn) {
  const auto found = entries({.paths = {"a/x.svs", "b/x.svs", "c/x.tif", "x-2.svs"}});

  EXPECT_EQ(found[0].folder, "x");
  EXPECT_EQ(found[1].folder, "x-2");
  EXPECT_EQ(found[2].folder, "x-3");
  EXPECT_EQ(found[3].folder, "x-2-2");
  EXPECT_EQ(found[2].name, "x");
}

TEST(SlideList, UnreadableSlideHasAnIdentityAndFailsWhenOpened) {
  const testing::TempFolder folder;
  write_file(folder / "text.svs", "hello");
  const auto found = entries({.paths = {folder / "text.svs"}});

  EXPECT_EQ(unreadable(found[0]), "unreadable:" + (folder / "text.svs").string());
  EXPECT_THROW(open(found[0], {}), DataError);
}

TEST(SlideList, PassesItsParametersOn) {
  const testing::TempFolder folder;
  auto params = testing::small_slide();
  params.mpp = 0.5;
  const auto found = entries({.paths = {testing::draw_slide(folder.path(), params)}});

  EXPECT_THROW(open(found[0], {}), DataError);
  EXPECT_EQ(open(found[0], {.allow_upsampling = true}).info().name, "drawn");
}

TEST(SlideList, PairsSlidesInOrderAndNamesThemByWhatTheyShare) {
  const auto found =
      pairs({.paths = {"a/case1_he.svs", "a/x.svs"}}, {.paths = {"b/case1_phh3.svs", "b/y.svs"}});

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "case1");
  EXPECT_EQ(found[0].folder, "case1");
  EXPECT_EQ(found[0].phh3.path, "b/case1_phh3.svs");
  EXPECT_EQ(found[1].name, "x");
}

TEST(SlideList, RefusesSlidesWithoutAPartner) {
  EXPECT_THROW(pairs({.paths = {"a.svs", "b.svs"}}, {.paths = {"c.svs"}}), DataError);
  EXPECT_THROW(pairs({}, {}), DataError);
}

}  // namespace
}  // namespace mito::slide_list
