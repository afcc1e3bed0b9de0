#include "engine/slide/content.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/digest.h"
#include "engine/slide/slide.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/temp_folder.h"

namespace mito::slide {
namespace {

namespace fs = std::filesystem;
using mito::test::TempFolder;
using ::testing::ElementsAre;

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::string digest(const fs::path& file) {
  FileDigests nothing;
  return content_digest(file, nothing);
}

TEST(SlideContent, OfOneFileIsTheDigestOfItsBytes) {
  const TempFolder folder;
  const auto slide = test::draw_slide(folder.path());

  EXPECT_EQ(digest(slide), sha256_file(slide));
  EXPECT_EQ(Slide::open(slide, {}).info().identity, digest(slide));
}

// OpenSlide's quickhash looks at the coarsest level only (openslide PR 457).
TEST(SlideContent, OfSlidesThatDifferAtTheFinestLevelOnlyDiffers) {
  const TempFolder folder;
  const auto before = test::draw_slide(folder.path());
  const auto after = folder / "after.svs";
  fs::copy_file(before, after);
  std::fstream edit(after, std::ios::binary | std::ios::in | std::ios::out);
  edit.seekg(1000);
  const char byte = static_cast<char>(edit.get());
  edit.seekp(1000);
  edit.put(static_cast<char>(byte ^ 1));
  edit.close();

  EXPECT_EQ(fs::file_size(before), fs::file_size(after));
  EXPECT_NE(digest(before), digest(after));
}

TEST(SlideContent, OfMiraxIsTheFileAndAllOfItsFolder) {
  const TempFolder folder;
  write(folder / "a.mrxs", "preview");
  write(folder / "a" / "Slidedat.ini", "[GENERAL]");
  write(folder / "a" / "Data0000.dat", "pixels");
  write(folder / "b" / "Data0000.dat", "of another slide");

  EXPECT_THAT(
      files_of(folder / "a.mrxs"),
      ElementsAre(folder / "a.mrxs", folder / "a" / "Data0000.dat", folder / "a" / "Slidedat.ini"));
  const auto before = digest(folder / "a.mrxs");
  write(folder / "a" / "Data0000.dat", "pIxels");
  EXPECT_NE(digest(folder / "a.mrxs"), before);
}

TEST(SlideContent, OfMiraxDoesNotDependOnItsName) {
  const TempFolder folder;
  for (const char* name : {"a", "other"}) {
    write(folder / (std::string(name) + ".mrxs"), "preview");
    write(folder / name / "Data0000.dat", "pixels");
  }

  EXPECT_EQ(digest(folder / "a.mrxs"), digest(folder / "other.mrxs"));
}

TEST(SlideContent, OfMiraxDependsOnWhichFileHoldsWhat) {
  const TempFolder folder;
  write(folder / "a.mrxs", "preview");
  write(folder / "a" / "Data0000.dat", "one");
  write(folder / "a" / "Data0001.dat", "two");
  const auto before = digest(folder / "a.mrxs");

  write(folder / "a" / "Data0000.dat", "two");
  write(folder / "a" / "Data0001.dat", "one");

  EXPECT_NE(digest(folder / "a.mrxs"), before);
}

TEST(SlideContent, OfHamamatsuVmsIsTheFileAndThoseItNames) {
  const TempFolder folder;
  write(folder / "s.vms",
        "[Virtual Microscope Specimen]\r\nNoLayers=1\r\nImageFile=s.jpg\r\n"
        "ImageFile(1,0)=s(1,0).jpg\r\nMacroImage=missing.jpg\r\n");
  write(folder / "s.jpg", "a");
  write(folder / "s(1,0).jpg", "b");
  write(folder / "unrelated.jpg", "c");

  EXPECT_THAT(files_of(folder / "s.vms"),
              ElementsAre(folder / "s.vms", folder / "s(1,0).jpg", folder / "s.jpg"));
  const auto before = digest(folder / "s.vms");
  write(folder / "s(1,0).jpg", "B");
  EXPECT_NE(digest(folder / "s.vms"), before);
}

TEST(SlideContent, OfDicomIsAllDicomFilesBesideIt) {
  const TempFolder folder;
  const std::string head(128, '\0');
  write(folder / "1.dcm", head + "DICM 1");
  write(folder / "2", head + "DICM 2");
  write(folder / "notes.txt", "none");

  EXPECT_THAT(files_of(folder / "1.dcm"), ElementsAre(folder / "1.dcm", folder / "2"));
}

TEST(SlideContent, IsNotReadAgainToOpenTheSlide) {
  const TempFolder folder;
  const auto slide = test::draw_slide(folder.path());
  FileDigests digests;
  content_digest(slide, digests);

  Slide::open(slide, {.digests = &digests});
  Slide::open(slide, {.digests = &digests});

  EXPECT_EQ(digests.files_read(), 1U);
}

}  // namespace
}  // namespace mito::slide
