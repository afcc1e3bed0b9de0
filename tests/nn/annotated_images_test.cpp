#include "nodes/annotated_images/annotated_images.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::annotated_images {
namespace {

class AnnotatedImagesTest : public testing::Test {
 protected:
  AnnotatedImagesTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::create_directories(folder_);
    images_.paths = {write("H03_a.jpg", "one"), write("H04_b.jpg", "two")};
  }

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  AnnotatedImages load(const std::string& table, const Params& params = {}) const {
    return read(params, images_, {write("points.csv", table)});
  }
  std::string message(const std::string& table) const {
    try {
      load(table);
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  std::filesystem::path folder_;
  FileList images_;
};

TEST_F(AnnotatedImagesTest, JoinsPointsByFileNameWithOrWithoutExtension) {
  const auto data = load("image,x,y\nH03_a.jpg,1,2\nH04_b,3.5,4\nH03_a,5,6\n");

  ASSERT_EQ(data.images.size(), 2U);
  EXPECT_EQ(data.images[0].mitoses, (std::vector<PointL0>{{1, 2}, {5, 6}}));
  EXPECT_EQ(data.images[1].mitoses, (std::vector<PointL0>{{3.5, 4}}));
}

TEST_F(AnnotatedImagesTest, TakesTheCaseFromTheTableElseFromTheName) {
  EXPECT_EQ(load("slide,x,y\n").images[1].case_id, "H04");
  EXPECT_EQ(load("slide,x,y,case\nH04_b,1,2,P9\n").images[1].case_id, "P9");
}

TEST_F(AnnotatedImagesTest, LeavesOutOtherLabels) {
  const auto data = load("image,x,y,label\nH03_a,1,2,apoptosis\nH03_a,3,4,mitosis\n");

  EXPECT_EQ(data.images[0].mitoses, (std::vector<PointL0>{{3, 4}}));
}

TEST_F(AnnotatedImagesTest, NamesTheLineOfAnUnknownImage) {
  EXPECT_THAT(message("image,x,y\nH03_a,1,2\nH05_c,1,2\n"),
              testing::HasSubstr("points.csv:3:1: image 'H05_c' is not among the 2 images given"));
}

TEST_F(AnnotatedImagesTest, SkipsUnknownImagesWhenAllowed) {
  Params params;
  params.ignore_unknown_images = true;
  EXPECT_EQ(load("image,x,y\nH05_c,1,2\n", params).images.size(), 2U);
}

TEST_F(AnnotatedImagesTest, NamesTheLineOfABadNumber) {
  EXPECT_THAT(message("image,x,y\nH03_a,1,two\n"), testing::HasSubstr("points.csv:2:9"));
}

TEST_F(AnnotatedImagesTest, RefusesAnImageInTwoCases) {
  EXPECT_THAT(
      message("image,x,y,case\nH03_a,1,2,A\nH03_a,1,2,B\n"),
      testing::HasSubstr("points.csv:3:11: image 'H03_a' belongs to case 'B' here and to 'A'"));
}

TEST_F(AnnotatedImagesTest, NeedsAColumnThatNamesImages) {
  EXPECT_THAT(message("x,y\n1,2\n"), testing::HasSubstr("needs a column 'image' or 'slide'"));
}

TEST_F(AnnotatedImagesTest, DigestFollowsPixelsAndPoints) {
  const auto first = load("image,x,y\nH03_a,1,2\n").digest;
  EXPECT_EQ(load("image,x,y\nH03_a,1,2\n").digest, first);
  EXPECT_NE(load("image,x,y\nH03_a,1,3\n").digest, first);
  write("H03_a.jpg", "changed");
  EXPECT_NE(load("image,x,y\nH03_a,1,2\n").digest, first);
}

}  // namespace
}  // namespace mito::annotated_images
