#include "engine/image/codecs.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "engine/core/error.h"

namespace mito::image {
namespace {

cv::Mat picture() {
  cv::Mat out(23, 31, CV_8UC3);
  cv::RNG(7).fill(out, cv::RNG::UNIFORM, 0, 256);
  return out;
}

bool equal(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

std::string opencv(const char* format, const cv::Mat& image, const std::vector<int>& options) {
  std::vector<std::uint8_t> bytes;
  EXPECT_TRUE(cv::imencode(format, image, bytes, options));
  return {bytes.begin(), bytes.end()};
}

TEST(Codecs, WriteTheBytesOfOpenCv) {
  EXPECT_EQ(png_of(picture(), "noise"), opencv(".png", picture(), {}));
  EXPECT_EQ(png_of(picture(), "noise", 9),
            opencv(".png", picture(), {cv::IMWRITE_PNG_COMPRESSION, 9}));
  EXPECT_EQ(jpeg_of(picture(), "noise", 70),
            opencv(".jpg", picture(), {cv::IMWRITE_JPEG_QUALITY, 70}));
}

TEST(Codecs, ReadWhatTheyWrote) {
  EXPECT_TRUE(equal(read_bgr(png_of(picture(), "noise")), picture()));
  cv::Mat deep(5, 7, CV_16UC1, cv::Scalar(40000));
  EXPECT_TRUE(equal(read_unchanged(png_of(deep, "deep")), deep));
  EXPECT_EQ(read_bgr(png_of(deep, "deep")).type(), CV_8UC3);
}

TEST(Codecs, FindNoPictureInOtherBytes) {
  EXPECT_TRUE(read_bgr(std::string()).empty());
  EXPECT_TRUE(read_bgr(std::string("mitosis")).empty());
  EXPECT_TRUE(read_unchanged(png_of(picture(), "noise").substr(0, 20)).empty());
}

TEST(CodecsDeathTest, SayWhereTheyWereLookedFor) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process that has not opened them
  EXPECT_EXIT(
      {
        setenv("MITO_CODECS_LIBRARY", "/nowhere/mito_codecs.so", 1);
        try {
          static_cast<void>(png_of(picture(), "noise"));
        } catch (const DataError& error) {
          std::fputs(error.what(), stderr);
          std::_Exit(3);
        }
        std::_Exit(0);
      },
      testing::ExitedWithCode(3), "/nowhere/mito_codecs.so: not there");
}

}  // namespace
}  // namespace mito::image
