#include "nodes/slide/slide_list.h"

#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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

TEST(SlideList, AFileThatIsNoSlideHasAnIdentityAndFailsWhenOpened) {
  const testing::TempFolder folder;
  write_file(folder / "text.svs", "hello");
  const auto found = entries({.paths = {folder / "text.svs"}});

  EXPECT_EQ(identity(found[0], nullptr), sha256("hello"));
  EXPECT_THROW(open(found[0], {}, nullptr), DataError);
}

TEST(SlideList, AMissingFileHasAnIdentityAndFailsWhenOpened) {
  const auto found = entries({.paths = {"nowhere/a.svs"}});

  EXPECT_EQ(identity(found[0], nullptr), "unreadable:nowhere/a.svs");
  EXPECT_THROW(open(found[0], {}, nullptr), DataError);
}

TEST(SlideList, TheIdentityIsThatOfTheOpenSlide) {
  const testing::TempFolder folder;
  const auto found = entries({.paths = {testing::draw_slide(folder.path())}});
  FileDigests digests;

  EXPECT_EQ(identity(found[0], &digests), open(found[0], {}, &digests).info().identity);
  EXPECT_EQ(digests.files_read(), 1U);
}

TEST(SlideList, PassesItsParametersOn) {
  const testing::TempFolder folder;
  auto params = testing::small_slide();
  params.mpp = 0.5;
  const auto found = entries({.paths = {testing::draw_slide(folder.path(), params)}});

  EXPECT_THROW(open(found[0], {}, nullptr), DataError);
  EXPECT_EQ(open(found[0], {.allow_upsampling = true}, nullptr).info().name, "drawn");
}

TEST(SlideList, TableGivesSlidesTheSizeOfTheirPixels) {
  const testing::TempFolder folder;
  const auto file = testing::draw_slide(folder.path());
  write_file(folder / "sizes.csv", "slide,mpp\nother.svs,0.3\ndrawn,0.2\n");
  auto found = entries({.paths = {file, "plain.svs"}});
  const auto before = identity(found[0], nullptr);

  set_pixel_sizes(found, folder / "sizes.csv");

  EXPECT_FALSE(found[1].size);
  EXPECT_DOUBLE_EQ(open(found[0], {.assume_mpp = 0.25}, nullptr).info().mpp_x, 0.2);
  EXPECT_EQ(open(found[0], {}, nullptr).info().mpp_source, "table (openslide.mpp-x: 0.25)");
  EXPECT_NE(identity(found[0], nullptr), before);
}

TEST(SlideList, TableMayStateBothAxes) {
  const testing::TempFolder folder;
  write_file(folder / "sizes.csv", "image,mpp_x,mpp_y\ndrawn.svs,0.2,0.21\n");
  auto found = entries({.paths = {folder / "drawn.svs"}});

  set_pixel_sizes(found, folder / "sizes.csv");

  ASSERT_TRUE(found[0].size);
  EXPECT_DOUBLE_EQ(found[0].size->mpp_x, 0.2);
  EXPECT_DOUBLE_EQ(found[0].size->mpp_y, 0.21);
}

TEST(SlideList, TableThatListsASlideTwiceIsRefused) {
  const testing::TempFolder folder;
  write_file(folder / "sizes.csv", "slide,mpp\ndrawn,0.2\ndrawn.svs,0.3\n");
  auto found = entries({.paths = {folder / "drawn.svs"}});

  EXPECT_THROW(set_pixel_sizes(found, folder / "sizes.csv"), DataError);
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
