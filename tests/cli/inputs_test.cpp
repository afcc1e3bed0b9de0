// What a run knows of its input files, and what it keeps open.
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// A drawn slide that was written long enough ago to be remembered, and a pipeline for its tissue.
class Inputs : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    drawn = std::make_unique<test::TempFolder>();
    std::ofstream(*drawn / "draw.yaml")
        << "nodes:\n  drawn: {use: synthetic_slide, params: {width_px: 1024, height_px: 768, "
           "mitoses: 2, lookalikes: 2}}\noutputs: [drawn]\n";
    const auto result = mitoloom(fmt::format(
        "run {} --no-store --out {}", (*drawn / "draw.yaml").string(), drawn->path().string()));
    ASSERT_EQ(result.code, 0) << result.err;
    std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  }
  static void TearDownTestSuite() { drawn.reset(); }

  void SetUp() override {
    std::ofstream(folder_ / "mask.yaml")
        << "inputs:\n  slide: {type: files}\nnodes:\n  slide: {use: slide, in: {files: $slide}}\n"
           "  mask: {use: tissue_mask, in: {slide: slide}, store: true}\noutputs: [mask]\n";
  }

  static fs::path slide() { return *drawn / "synthetic.svs"; }
  std::string arguments(const std::string& slides) const {
    return fmt::format("{} --set 'slide={}' --out {} --store {}", (folder_ / "mask.yaml").string(),
                       slides, (folder_ / "out").string(), (folder_ / "store").string());
  }
  test::Outcome run(const std::string& options = "") const {
    return mitoloom("run " + arguments(slide().string()) + " " + options);
  }
  nlohmann::json plan(const std::string& options = "") const {
    const auto result = mitoloom("plan --json " + arguments(slide().string()) + " " + options);
    EXPECT_EQ(result.code, 0) << result.err;
    return nlohmann::json::parse(result.out);
  }
  static std::string state_of_mask(const nlohmann::json& plan) {
    return plan["slides"][0]["nodes"][1]["state"];
  }

  static std::unique_ptr<test::TempFolder> drawn;
  test::TempFolder folder_;
};
std::unique_ptr<test::TempFolder> Inputs::drawn;

TEST_F(Inputs, ASlideIsReadToItsEndOnce) {
  EXPECT_EQ(plan()["hashed"]["files"], 1);

  EXPECT_EQ(plan()["hashed"]["files"], 0);
  const auto first = run("--progress json");
  EXPECT_THAT(first.err, HasSubstr("\"files_hashed\":0"));
  const auto again = run("--progress json");
  EXPECT_THAT(again.err, HasSubstr("\"files_hashed\":0"));
  EXPECT_THAT(again.out, HasSubstr("everything was cached"));
}

TEST_F(Inputs, WithoutAStoreNothingIsRemembered) {
  EXPECT_EQ(plan("--no-store")["hashed"]["bytes"], fs::file_size(slide()));
  EXPECT_EQ(plan("--no-store")["hashed"]["bytes"], fs::file_size(slide()));
  EXPECT_FALSE(fs::exists(folder_ / "store"));
}

TEST_F(Inputs, AreReadAgainWhenTheyAreToBeVerified) {
  plan();

  EXPECT_EQ(plan("--verify-inputs")["hashed"]["files"], 1);
  EXPECT_THAT(run("--progress json --verify-inputs").err, HasSubstr("\"files_hashed\":1"));
}

TEST_F(Inputs, ASlideEditedAtItsFinestLevelIsAnotherSlide) {
  const fs::path edited = folder_ / "synthetic.svs";
  fs::copy_file(slide(), edited);
  ASSERT_EQ(mitoloom("run " + arguments(edited.string())).code, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // a tick of the file's clock
  const auto state = [&] {
    return state_of_mask(
        nlohmann::json::parse(mitoloom("plan --json " + arguments(edited.string())).out));
  };
  ASSERT_EQ(state(), "cached");

  std::fstream edit(edited, std::ios::binary | std::ios::in | std::ios::out);
  edit.seekg(1000);
  const char byte = static_cast<char>(edit.get());
  edit.seekp(1000);
  edit.put(static_cast<char>(byte ^ 1));
  edit.close();

  EXPECT_EQ(state(), "runs");
}

TEST_F(Inputs, MoreSlidesThanAProcessMayOpenFiles) {
  for (int i = 0; i < 60; ++i) {
    const fs::path copy = folder_ / fmt::format("s{:02}.svs", i);
    fs::copy_file(slide(), copy);
    std::ofstream(copy, std::ios::app) << i;  // another content, the same picture
  }
  const std::string all = arguments((folder_ / "s*.svs").string());

  const auto planned = mitoloom("plan " + all, "ulimit -n 48");
  const auto result = mitoloom("run " + all, "ulimit -n 48");

  EXPECT_EQ(planned.code, 0) << planned.err;
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(fs::exists(folder_ / "out" / "run.json"));
  EXPECT_THAT(mitoloom("store verify --store " + (folder_ / "store").string()).out,
              HasSubstr("60 artefacts checked, 0 problem(s)"));
}

TEST_F(Inputs, ManySlidesAreCountedByThePlanAndThoseToComputeAreListed) {
  for (int i = 0; i < 5; ++i) {
    const fs::path copy = folder_ / fmt::format("s{}.svs", i);
    fs::copy_file(slide(), copy);
    std::ofstream(copy, std::ios::app) << i;
  }
  EXPECT_EQ(mitoloom("run " + arguments((folder_ / "s0.svs").string())).code, 0);

  const auto planned = mitoloom("plan " + arguments((folder_ / "s*.svs").string()));

  EXPECT_THAT(planned.out, HasSubstr("5 slides: 1 done, 4 to compute\n"));
  EXPECT_THAT(planned.out, HasSubstr("4 slides, 's1' to 's4'\n  slide  runs\n  mask   runs"));
  EXPECT_THAT(mitoloom("plan --slides " + arguments((folder_ / "s*.svs").string())).out,
              HasSubstr("slide 's0': 1024 x 768 px"));
}

TEST_F(Inputs, ARunThatDoesNotFitOnTheDiskIsRefusedUnlessTold) {
  std::ofstream(folder_ / "train.yaml") << R"(inputs:
  slide: {type: files}
  marks: {type: files}
nodes:
  slide: {use: slide, in: {files: $slide}}
  mask: {use: tissue_mask, in: {slide: slide}}
  tiles: {use: tiles, in: {slide: slide, mask: mask}}
  cells: {use: he_candidates, in: {tile: tiles, slide: slide, mask: mask}}
  all: {use: collect_candidates, in: {candidates: cells, slide: slide}}
  table: {use: annotations, in: {files: $marks}, params: {unlabelled: mitosis}}
  marked: {use: slide_annotations, in: {slide: slide, annotations: table}}
  labelled: {use: label_candidates, in: {candidates: all, annotations: marked, slide: slide, mask: mask}}
  pool: {use: candidate_pool, in: {labelled: labelled}}
  split: {use: split_cases, in: {pool: pool}, params: {mode: lists, others: training}}
  slides: {use: collect_slides, in: {slide: slide}}
  patches: {use: sample_members, in: {pool: split}, params: {negatives: 4000000000}}
  batches: {use: training_batches, in: {patches: patches, slides: slides}}
  augmented: {use: augment, in: {batches: batches}}
  network: {use: train_cnn, in: {batches: augmented, patches: patches, validation: patches, slides: slides}}
  model: {use: ensemble, in: {models: network}}
outputs: [model]
)";
  std::ofstream(folder_ / "marks.csv") << "slide,x,y\nsynthetic,100,100\n";
  const std::string with = fmt::format("{} --set slide={} --set marks={} --out {} --store {}",
                                       (folder_ / "train.yaml").string(), slide().string(),
                                       (folder_ / "marks.csv").string(), (folder_ / "out").string(),
                                       (folder_ / "store").string());

  const auto planned = mitoloom("plan " + with);
  const auto refused = mitoloom("run " + with);
  const auto told = mitoloom("run --ignore-disk " + with);

  EXPECT_THAT(planned.out, HasSubstr("on disk: about 316606.0 GB of scratch"));
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("error: the run needs about 316606.0 GB of scratch"));
  EXPECT_THAT(refused.err, HasSubstr("or start anyway with --ignore-disk"));
  EXPECT_THAT(told.err, HasSubstr("node 'patches'"));  // as many candidates are not there
}

TEST_F(Inputs, NothingIsPrintedIntoAFileWhenStandardOutputIsClosed) {
  const std::string command =
      fmt::format("{} run {} >&- 2>&-", MITO_PROGRAM, arguments(slide().string()));

  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 1);
  const auto verify = mitoloom("store verify --deep --store " + (folder_ / "store").string());
  EXPECT_EQ(verify.code, 0) << verify.out;
  EXPECT_EQ(run().code, 0);
}

}  // namespace
}  // namespace mito
