// pipelines/slides/convert_annotations.yaml and the nodes of annotations, run by the program.
#include <fstream>

#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::read_file;
using test::TempFolder;
using ::testing::HasSubstr;

std::string write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  return file.string();
}

TEST(ConvertAnnotations, GoesToTupacAndBack) {
  const TempFolder folder;
  const std::string original =
      "slide,x,y,score,label,id,case\n04/01,10.25,20.5,0.5,mitosis,,04\n"
      "04/02,,,,,,04\n04/03,3,4,,hard_negative,,04\n";
  const std::string csv = write(folder.path() / "in.csv", original);
  const std::string run = "run pipelines/slides/convert_annotations.yaml --no-store --progress off";

  const auto there = mitoloom(run + " --out " + (folder.path() / "tupac").string() +
                              " --set format=tupac --set files=" + csv);
  ASSERT_EQ(there.code, 0) << there.err;
  EXPECT_EQ(read_file(folder.path() / "tupac/mitoses_ground_truth/04/01.csv"), "20.5,10.25,0.5\n");
  EXPECT_THAT(read_file(folder.path() / "tupac/annotation_files.csv"),
              HasSubstr("nonmitoses_ground_truth/04/03.csv,"));

  const auto back = mitoloom(run + " --out " + (folder.path() / "csv").string() + " --set 'files=" +
                             (folder.path() / "tupac/*/04/*.csv").string() + "'");
  ASSERT_EQ(back.code, 0) << back.err;
  EXPECT_EQ(read_file(folder.path() / "csv/annotations.csv"), original);
}

TEST(ConvertAnnotations, SaysWhereAFileIsWrongAndWritesNothing) {
  const TempFolder folder;
  const std::string csv =
      write(folder.path() / "in.csv", "slide,x,y,label\na,1,2,mitosis\na,1,b,x\n");

  const auto result = mitoloom(
      "run pipelines/slides/convert_annotations.yaml --no-store --progress off --set format=asap "
      "--out " +
      (folder.path() / "out").string() + " --set files=" + csv);

  EXPECT_NE(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("in.csv:3:5: column 'y': expected a number, found 'b'"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out/annotations"));
}

TEST(ConvertAnnotations, RefusesContradictingParametersBeforeReading) {
  const TempFolder folder;
  const std::string csv = write(folder.path() / "in.csv", "slide,x,y,label\n");

  const auto result = mitoloom("run pipelines/slides/convert_annotations.yaml --out " +
                               (folder.path() / "out").string() + " --set files=" + csv +
                               " --set 'read.hard_negative_labels=[Mitosis]'");

  EXPECT_NE(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("'mitosis' is among mitosis_labels and among "
                                    "hard_negative_labels"));
}

TEST(ConvertAnnotations, SlidesTakeTheirOwnAnnotations) {
  const TempFolder folder;
  const auto drawn =
      mitoloom("run pipelines/slides/draw_slide.yaml --no-store --progress off --out " +
               (folder.path() / "drawn").string() +
               " --set drawing.width_px=600 --set drawing.height_px=500"
               " --set drawing.mitoses=3 --set drawing.lookalikes=0");
  ASSERT_EQ(drawn.code, 0) << drawn.err;
  const std::string pipeline = write(folder.path() / "p.yaml", R"(
inputs:
  slides: {type: files}
  files: {type: files}
nodes:
  slide: {use: slide, in: {files: $slides}}
  table: {use: annotations, in: {files: $files}, params: {unlabelled: mitosis}, store: yes}
  marked: {use: slide_annotations, in: {slide: slide, annotations: table}, store: yes}
outputs: [marked]
)");
  const std::string run =
      "run " + pipeline + " --progress off --out " + (folder.path() / "out").string() +
      " --store " + (folder.path() / "store").string() +
      " --set slides=" + (folder.path() / "drawn/synthetic.svs").string() + " --set files=";
  const auto right = mitoloom(run + (folder.path() / "drawn/synthetic.csv").string());
  EXPECT_EQ(right.code, 0) << right.err;
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "store/slide_annotations"));

  const auto wrong = mitoloom(run + write(folder.path() / "t.csv", "slide,x,y\nsynthetics,1,2\n"));
  EXPECT_NE(wrong.code, 0);
  EXPECT_THAT(wrong.err, HasSubstr("is not among the 1 images of the annotations; did you mean "
                                   "'synthetics'?"));

  const auto off = mitoloom(run + write(folder.path() / "t.csv", "slide,x,y\nsynthetic,600,2\n"));
  EXPECT_NE(off.code, 0);
  EXPECT_THAT(off.err, HasSubstr("at (600, 2) does not lie on its 600 x 500 px"));
}

}  // namespace
}  // namespace mito
