#include <algorithm>
#include <filesystem>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/local_copies.h"
#include "engine/slide/slide.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/problem.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CopiedSlide : public ::testing::Test {
 protected:
  test::TempFolder folder_;
  fs::path near_ = folder_.path() / "near";
  LocalCopies copies_{near_, 2, [] { return false; }};
  SlideOptions from_copy_{.copies = &copies_};
};

TEST_F(CopiedSlide, IsTheSlideByItsOwnName) {
  const auto path = test::draw_slide(folder_.path());
  const auto original = Slide::open(path, {});

  const auto copied = Slide::open(path, from_copy_);
  const auto area = Rect{0, 0, 300, 200};
  const auto expected = original.read(original.analysis_grid(), area);
  fs::remove(path);  // it is not needed any more

  EXPECT_EQ(copied.read(copied.analysis_grid(), area), expected);
  EXPECT_EQ(copied.info().path, path);
  EXPECT_EQ(copied.info().identity, original.info().identity);
  EXPECT_EQ(copied.info().mpp_source, original.info().mpp_source);
}

TEST_F(CopiedSlide, IsGoneWhenTheSlideIsLetGo) {
  const auto path = test::draw_slide(folder_.path());
  const auto files = [&] {
    return std::ranges::count_if(fs::recursive_directory_iterator(near_),
                                 [](const auto& e) { return e.path().extension() == ".svs"; });
  };

  auto slide = std::make_unique<Slide>(Slide::open(path, from_copy_));
  EXPECT_EQ(files(), 1);
  slide.reset();

  EXPECT_EQ(files(), 0);
}

TEST_F(CopiedSlide, AnErrorNamesTheSlide) {
  const auto bad = folder_.path() / "bad.svs";
  write_file(bad, "no slide");

  EXPECT_THAT(test::problem([&] { Slide::open(bad, from_copy_); }),
              AllOf(HasSubstr(bad.string()), Not(HasSubstr(near_.string()))));
}

}  // namespace
}  // namespace mito
