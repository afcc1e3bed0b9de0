// Stain standardisation from the command line.
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::read_file;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// A small drawn slide, and what small slides need.
class StainPipeline : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto drawn = mitoloom(
        "run pipelines/slides/draw_slide.yaml --set drawing.width_px=2048 --set "
        "drawing.height_px=1536 "
        "--set drawing.mitoses=4 --set drawing.lookalikes=4 --no-store --out " +
        (folder.path() / "drawn").string());
    ASSERT_EQ(drawn.code, 0) << drawn.err;
  }
  std::string slide() const { return (folder.path() / "drawn" / "synthetic.svs").string(); }
  test::TempFolder folder;
  const std::string small =
      " --set stain.tile_px=1024 --set stain.min_tiles=1 --set stain.min_training=20000 "
      "--set stain.max_training=200000 --set stain.min_nuclei_per_mm2=200";
};

TEST_F(StainPipeline, MakesATemplateAndStandardisesByIt) {
  const fs::path made = folder.path() / "template";
  const auto first =
      mitoloom("run pipelines/slides/stain_template.yaml --set slide=" + slide() + small +
               " --set 'template.source=a drawn slide' --no-store --out " + made.string());
  ASSERT_EQ(first.code, 0) << first.err;
  const auto json = nlohmann::json::parse(read_file(made / "stain_template.json"));
  EXPECT_EQ(json.at("source"), "a drawn slide");
  EXPECT_TRUE(json.contains("wsics"));

  const fs::path out = folder.path() / "out";
  const std::string run = "run pipelines/slides/standardise.yaml --set slide=" + slide() + small +
                          " --set template=" + (made / "stain_template.json").string() +
                          " --no-store --out " + out.string();
  const auto second = mitoloom(run + " --jobs 1");
  ASSERT_EQ(second.code, 0) << second.err;
  const std::string picture = read_file(out / "stain_preview.png");
  EXPECT_THAT(picture, HasSubstr("PNG"));

  // Other threads and a new fit: the same picture.
  fs::remove_all(out);
  const auto third = mitoloom(run + " --jobs 2");
  ASSERT_EQ(third.code, 0) << third.err;
  EXPECT_EQ(read_file(out / "stain_preview.png"), picture);
}

TEST_F(StainPipeline, StandardisedSlidesGoWhereSlidesGo) {
  const fs::path file = folder.path() / "candidates.yaml";
  std::ofstream(file) << R"(title: Candidates of a standardised slide
inputs: {slide: {type: files}}
nodes:
  slide: {use: slide, in: {files: $slide}}
  mask: {use: tissue_mask, in: {slide: slide}}
  stain: {use: stain_standardise, in: {slide: slide, mask: mask}, params: {method: reinhard, min_tiles: 1}}
  standardised: {use: standardised_slide, in: {slide: slide, standardisation: stain}}
  tiles: {use: tiles, in: {slide: standardised, mask: mask}}
  found: {use: he_candidates, in: {tile: tiles, slide: standardised, mask: mask}}
  all: {use: collect_candidates, in: {candidates: found, slide: standardised}, store: true}
outputs: [all]
)";

  const auto run = mitoloom("run " + file.string() + " --set slide=" + slide() +
                            " --no-store --out " + (folder.path() / "out").string());

  EXPECT_EQ(run.code, 0) << run.err;
}

TEST_F(StainPipeline, SaysWhatASmallSlideNeeds) {
  const fs::path out = folder.path() / "out";
  const auto run = mitoloom("run pipelines/slides/standardise.yaml --set slide=" + slide() +
                            " --no-store --out " + out.string());

  EXPECT_NE(run.code, 0);
  EXPECT_THAT(run.err, HasSubstr("node 'stain'"));
  EXPECT_THAT(run.err, HasSubstr("needs 3 usable tiles (min_tiles), got "));
  EXPECT_FALSE(fs::exists(out / "stain_preview.png"));
}

}  // namespace
}  // namespace mito
