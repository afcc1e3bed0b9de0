#include "nodes/slides/slide/slide_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "tests/support/drawn_slide.h"

namespace mito::slide_list {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

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
  EXPECT_EQ(found[0].name, "x");
  EXPECT_EQ(found[2].name, "x-3");
}

TEST(SlideList, NoNameLeadsOutOfTheOutputFolder) {
  const auto found = entries({.paths = {"a/...svs", "b/...svs", "...tif", "x..svs", "....svs"}});

  EXPECT_EQ(found[0].folder, "slide..");
  EXPECT_EQ(found[1].folder, "slide..-2");
  EXPECT_EQ(found[2].folder, "slide..-3");
  EXPECT_EQ(found[3].folder, "x.");
  EXPECT_EQ(found[4].folder, "slide...");
}

TEST(SlideList, AFileThatIsNoSlideHasAnIdentityAndFailsWhenOpened) {
  const test::TempFolder folder;
  write_file(folder / "text.svs", "hello");
  const auto found = entries({.paths = {folder / "text.svs"}});

  EXPECT_EQ(identity(found[0], {}, nullptr), sha256("hello"));
  EXPECT_THROW(open(found[0], {}, {}), DataError);
}

TEST(SlideList, AMissingFileHasAnIdentityAndFailsWhenOpened) {
  const auto found = entries({.paths = {"nowhere/a.svs"}});

  EXPECT_EQ(identity(found[0], {}, nullptr), "unreadable:nowhere/a.svs");
  EXPECT_THROW(open(found[0], {}, {}), DataError);
}

TEST(SlideList, TheIdentityIsThatOfTheOpenSlide) {
  const test::TempFolder folder;
  const auto found = entries({.paths = {test::draw_slide(folder.path())}});
  FileDigests digests;

  EXPECT_EQ(identity(found[0], {}, &digests),
            open(found[0], {}, {.digests = &digests}).info().identity);
  EXPECT_EQ(digests.files_read(), 1U);
  const Params mirrored{.beyond = "mirrored"};
  EXPECT_EQ(identity(found[0], mirrored, &digests),
            open(found[0], mirrored, {.digests = &digests}).info().identity);
  EXPECT_NE(identity(found[0], mirrored, &digests), identity(found[0], {}, &digests));
}

TEST(SlideList, PassesItsParametersOn) {
  const test::TempFolder folder;
  auto params = test::small_slide();
  params.mpp = 0.5;
  const auto found = entries({.paths = {test::draw_slide(folder.path(), params)}});

  EXPECT_THROW(open(found[0], {}, {}), DataError);
  EXPECT_EQ(open(found[0], {.allow_upsampling = true}, {}).info().name, "drawn");
}

TEST(SlideList, TableGivesSlidesTheSizeOfTheirPixels) {
  const test::TempFolder folder;
  const auto file = test::draw_slide(folder.path());
  write_file(folder / "sizes.csv", "slide,mpp\nother.svs,0.3\ndrawn,0.2\n");
  auto found = entries({.paths = {file, "plain.svs"}});
  const auto before = identity(found[0], {}, nullptr);

  set_pixel_sizes(found, folder / "sizes.csv");

  EXPECT_FALSE(found[1].size);
  EXPECT_DOUBLE_EQ(open(found[0], {.assume_mpp = 0.25}, {}).info().mpp_x, 0.2);
  EXPECT_EQ(open(found[0], {}, {}).info().mpp_source, "table (openslide.mpp-x: 0.25)");
  EXPECT_NE(identity(found[0], {}, nullptr), before);
}

TEST(SlideList, TableMayStateBothAxes) {
  const test::TempFolder folder;
  write_file(folder / "sizes.csv", "image,mpp_x,mpp_y\ndrawn.svs,0.2,0.21\n");
  auto found = entries({.paths = {folder / "drawn.svs"}});

  set_pixel_sizes(found, folder / "sizes.csv");

  ASSERT_TRUE(found[0].size);
  EXPECT_DOUBLE_EQ(found[0].size->mpp_x, 0.2);
  EXPECT_DOUBLE_EQ(found[0].size->mpp_y, 0.21);
}

TEST(SlideList, AManifestGivesTheSizesThatItHas) {
  const test::TempFolder folder;
  const auto table = folder / "cohort.csv";
  write_file(table, "case,slide,mpp\nA,a.svs,0.2\nB,sub/b.svs,\n");
  const FileList files{.paths = {folder / "a.svs", folder / "sub/b.svs"}, .tables = {table}};
  auto found = entries(files);

  take_from_manifests(found, files);

  ASSERT_TRUE(found[0].size);
  EXPECT_DOUBLE_EQ(found[0].size->mpp_x, 0.2);
  EXPECT_FALSE(found[1].size);
}

TEST(SlideList, AManifestGivesTheMasksThatItHas) {
  const test::TempFolder folder;
  const auto table = folder / "cohort.csv";
  write_file(table, "slide,mask\na.svs,a_mask.png\nb.svs,\n");
  write_file(folder / "a.svs", "a");
  write_file(folder / "b.svs", "b");
  write_file(folder / "a_mask.png", "one");
  const FileList files{.paths = {folder / "a.svs", folder / "b.svs"}, .tables = {table}};
  auto found = entries(files);
  const auto bare = identity(found[0], {}, nullptr);

  take_from_manifests(found, files);

  EXPECT_EQ(found[0].tissue, folder / "a_mask.png");
  EXPECT_TRUE(found[1].tissue.empty());
  const auto masked = identity(found[0], {}, nullptr);
  EXPECT_NE(masked, bare);
  write_file(folder / "a_mask.png", "another");
  EXPECT_NE(identity(found[0], {}, nullptr), masked);
}

TEST(SlideList, AMaskThatIsNotThereIsNamedWithItsPlace) {
  const test::TempFolder folder;
  const auto table = folder / "cohort.csv";
  write_file(table, "slide,mask\na.svs,none.png\n");
  const FileList files{.paths = {folder / "a.svs"}, .tables = {table}};
  auto found = entries(files);

  EXPECT_THAT([&] { take_from_manifests(found, files); },
              ThrowsMessage<DataError>(
                  AllOf(HasSubstr("cohort.csv:2:7: there is no mask"), HasSubstr("none.png"))));
}

TEST(SlideList, AManifestAndATableMustNotStateDifferentSizes) {
  const test::TempFolder folder;
  const auto manifest = folder / "cohort.csv";
  write_file(manifest, "slide,mpp\na.svs,0.2\n");
  write_file(folder / "sizes.csv", "slide,mpp\na,0.25\n");
  const FileList files{.paths = {folder / "a.svs"}, .tables = {manifest}};
  auto found = entries(files);
  take_from_manifests(found, files);

  EXPECT_THROW(set_pixel_sizes(found, folder / "sizes.csv"), DataError);
}

TEST(SlideList, TableThatListsASlideTwiceIsRefused) {
  const test::TempFolder folder;
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

/// Files in a folder, as a pattern catches them.
FileList caught(const test::TempFolder& folder, const std::vector<std::string>& names) {
  FileList files;
  for (const auto& name : names) {
    write_file(folder / name, name.starts_with("text") ? "a,b\n" : std::string("\x89\0\x01", 3));
    files.paths.push_back(folder / name);
  }
  files.caught.assign(names.size(), true);
  return files;
}

std::vector<std::string> folders(const FileList& files) {
  std::vector<std::string> out;
  for (const auto& entry : entries(files)) out.push_back(entry.folder);
  return out;
}

TEST(SlideList, APatternsTablesAreLeftOutAndRenameNoSlide) {
  const test::TempFolder folder;
  auto files =
      caught(folder, {"s01.csv", "s01.svs", "s02.geojson.gz", "s02.svs", "text", "Thumbs.db"});
  files.folders = {folder / "s03"};

  EXPECT_EQ(folders(files), (std::vector<std::string>{"s01", "s02"}));
  EXPECT_EQ(left_out(files), (std::vector<std::filesystem::path>{
                                 folder / "s01.csv", folder / "s02.geojson.gz", folder / "text",
                                 folder / "Thumbs.db", folder / "s03"}));
  EXPECT_EQ(left_out_line(files).substr(0, 21), "no slides, left out: ");
}

TEST(SlideList, WhatIsCalledASlideIsOneEvenIfItIsText) {
  const test::TempFolder folder;
  const auto files = caught(folder, {"a.svs", "text.svs", "unknown"});

  EXPECT_EQ(folders(files), (std::vector<std::string>{"a", "text", "unknown"}));
  EXPECT_EQ(left_out_line(files), "");
}

TEST(SlideList, NamedFilesAndPatternsWithoutAnySlideAreKept) {
  const test::TempFolder folder;
  auto files = caught(folder, {"a.csv", "b.txt"});

  EXPECT_EQ(entries(files).size(), 2U);
  auto mixed = caught(folder, {"a.csv", "b.svs"});
  mixed.caught = {false, true};
  EXPECT_EQ(entries(mixed).size(), 2U);
}

TEST(SlideList, LeftOutLineNamesAFewAndCountsTheRest) {
  const test::TempFolder folder;
  const auto files =
      caught(folder, {"a.svs", "1.csv", "2.csv", "3.csv", "4.csv", "5.csv", "6.csv"});

  const auto line = left_out_line(files);

  EXPECT_TRUE(line.ends_with("5.csv and 1 more")) << line;
}

TEST(SlideList, NamesAreTextWhateverTheBytesOfTheFile) {
  const auto found = entries({.paths = {"a/latin\xE9.svs", "b.svs"}});

  EXPECT_EQ(found[0].name, "latin\\xE9");
  EXPECT_EQ(found[0].folder, "latin\xE9");
}

}  // namespace
}  // namespace mito::slide_list
