#include "tools/diff/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/diff/diff_support.h"
#include "tests/support/problem.h"

namespace mito::diff {
namespace {

using test::problem;
using ::testing::HasSubstr;

std::string refusal(const std::filesystem::path& folder) {
  return problem([&] { read_run(folder); });
}

TEST(RunFolder, OfOneSlideHoldsItsResultsItself) {
  const test::TempFolder folder;
  write_slide(folder.path(), "s", "1,2,0.9;3,4,0.8");
  write_record(folder.path(), "0.9");

  const auto run = read_run(folder.path());

  ASSERT_EQ(run.slides.size(), 1U);
  EXPECT_EQ(run.slides[0].folder, "");
  EXPECT_EQ(run.slides[0].name, "s");
  EXPECT_EQ(run.slides[0].file, "s.svs");
  EXPECT_EQ(run.slides[0].pixel->x, 0.5);
  ASSERT_EQ(run.slides[0].detections->size(), 2U);
  EXPECT_EQ((*run.slides[0].detections)[1].at, (PointL0{3, 4}));
  EXPECT_EQ(run.files.size(), 2U) << "neither manifest nor record is a result";
  EXPECT_TRUE(run.record.has_value());
}

TEST(RunFolder, OfSeveralSlidesHasAFolderForEach) {
  const test::TempFolder folder;
  write_slide(folder / "q", "q", "");
  write_slide(folder / "p", "p", "1,2,0.9");
  write_slide(folder / "p-2", "p", "1,2,0.9");

  const auto run = read_run(folder.path() / "");

  ASSERT_EQ(run.slides.size(), 3U);
  EXPECT_EQ(run.slides[0].name, "p");
  EXPECT_EQ(run.slides[1].name, "p-2") << "two slides of one name go by their folders";
  EXPECT_TRUE(run.slide("q")->detections->empty());
  EXPECT_EQ(run.slide("r"), nullptr);
}

TEST(RunFolder, OfAnotherRunInItIsLeftOut) {
  const test::TempFolder folder;
  write_slide(folder.path(), "s", "");
  write_record(folder.path(), "0.9");
  write_slide(folder / "slide", "drawn", "");
  write_record(folder / "slide", "0.9");

  EXPECT_EQ(read_run(folder.path()).slides.size(), 1U);
}

TEST(RunFolder, ThatIsNoneIsRefusedWithTheNearest) {
  const test::TempFolder folder;
  write_slide(folder / "first", "s", "");
  write_text(folder / "other" / "x.txt", "");

  EXPECT_THAT(refusal(folder / "frist"), HasSubstr("there is no such folder; did you mean '"));
  EXPECT_THAT(refusal(folder / "frist"), HasSubstr("/first'?"));
  EXPECT_THAT(refusal(folder / "other"), HasSubstr("is not the output folder of a run: there is no "
                                                   "manifest.json in it"));
  EXPECT_THAT(refusal(folder.path() / "other" / "x.txt"),
              HasSubstr("is a file; expected the output"));
  EXPECT_THAT(refusal(folder.path() / "first" / "patches"), HasSubstr("/first' is one"));
}

TEST(RunFolder, OfSeveralRunsIsRefusedWithTheirNames) {
  const test::TempFolder folder;
  write_record(folder.path() / "wide" / "seed-1", "0.9");
  write_record(folder / "near", "0.9");

  EXPECT_THAT(refusal(folder.path()),
              HasSubstr("holds several runs; give one of them: near, wide/seed-1"));
}

TEST(RunFolder, WithADamagedFileIsRefusedNamingIt) {
  const test::TempFolder folder;
  write_slide(folder.path(), "s", "1,2,0.9");
  write_text(folder / "detections.csv", "slide,x,y,score\ns,1,2,0.9\ns,1,b,0.9\n");
  EXPECT_THAT(refusal(folder.path()),
              HasSubstr("detections.csv:3:5: column 'y': expected a number"));

  write_slide(folder.path(), "s", "1,2,0.9");
  write_text(folder / "result.json", "{\"slide\": {");
  EXPECT_THAT(refusal(folder.path()), HasSubstr("result.json: not JSON"));

  write_slide(folder.path(), "s", "1,2,0.9");
  write_text(folder / "run.json", "{\"mitoloom_run\": 7}");
  EXPECT_THAT(refusal(folder.path()), HasSubstr("run.json: 'mitoloom_run': expected 1"));
}

}  // namespace
}  // namespace mito::diff
