// Networks made elsewhere and cascades of them, from the command line, on small drawn slides.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/nn/model.h"
#include "tests/cli/program.h"
#include "tests/support/small_networks.h"

namespace mito {
namespace {

using test::Format;
using test::mitoloom;
using test::read_file;
using test::Weights;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using Json = nlohmann::json;

class Cascade : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    for (const int seed : {1, 2}) {
      const auto drawn = mitoloom(fmt::format(
          "run pipelines/slides/draw_slide.yaml --no-store --progress off --out {} --set "
          "drawing.width_px=2048 --set drawing.height_px=2048 --set drawing.mitoses=12 --set "
          "drawing.lookalikes=6 --set drawing.seed={} --set drawing.name=slide{}",
          folder_->path().string(), seed, seed));
      ASSERT_EQ(drawn.code, 0) << drawn.err;
    }
    test::write_heat_map(folder_->path(), "cheap", Format::Onnx, Weights::dark(16), 16, 304);
    test::write_heat_map(folder_->path(), "costly", Format::Onnx, Weights::dark(24), 4, 288,
                         {{"threshold", "0.6"}});
    test::write_patch_network(folder_->path(), "patch", Format::Onnx, Weights::dark(24),
                              {{"threshold", "0.6"}});
    test::write_box_network(folder_->path(), "boxes", Format::Onnx, Weights::dark(16), 288);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static std::string file(const std::string& name) { return (folder_->path() / name).string(); }
  static fs::path out(const std::string& name) { return folder_->path() / name; }

  /// Runs with its own output folder `name` and without a store.
  static test::Outcome run(const std::string& pipeline,
                           const std::string& name,
                           const std::string& more) {
    return mitoloom(fmt::format("run {} --progress off --no-store --out {} {}", pipeline,
                                out(name).string(), more));
  }
  static std::string networks() {
    return fmt::format("--set cheap={} --set model={} ", file("cheap.yaml"), file("costly.yaml"));
  }
  static Json cascade(const std::string& name) {
    return Json::parse(read_file(out(name) / "cascade.json"));
  }

  static test::TempFolder* folder_;
};

test::TempFolder* Cascade::folder_ = nullptr;

TEST_F(Cascade, ABoundThatIsChosenOnOneSlideLosesLittleOnAnother) {
  const auto chosen = run("pipelines/evaluate/choose_cascade.yaml", "chosen",
                          networks() + "--set slide=" + file("slide1.svs"));
  ASSERT_EQ(chosen.code, 0) << chosen.err;
  const auto choice = cascade("chosen");
  EXPECT_GE(choice["detections"], 5);
  EXPECT_EQ(choice["in_skipped_blocks"], 0);  // 0.5 % of so few is none
  EXPECT_GT(choice["skipped"], 0);
  EXPECT_LT(choice["skipped"], choice["blocks"]);
  EXPECT_EQ(choice["chosen_here"], true);

  const auto bound = fmt::format("--set bound={} ", choice["bound"].get<double>());
  const auto measured = run("pipelines/evaluate/measure_cascade.yaml", "measured",
                            networks() + bound + "--set slide=" + file("slide2.svs"));
  ASSERT_EQ(measured.code, 0) << measured.err;
  const auto loss = cascade("measured");
  EXPECT_EQ(loss["bound"], choice["bound"]);
  EXPECT_EQ(loss["chosen_here"], false);
  EXPECT_GT(loss["skipped"], 0);
  EXPECT_GE(loss["measured"]["detections"], 5);
  EXPECT_LE(loss["measured"]["lost"], 2);
  EXPECT_EQ(loss["measured"]["detections"], loss["detections"]);
}

TEST_F(Cascade, DetectionsAreTheSameForAllTilesAndThreads) {
  const auto arguments = networks() + "--set bound=0.2 --set slide=" + file("slide1.svs");
  const std::string pipeline = "pipelines/detect/detect_cascade.yaml";

  const auto one = run(pipeline, "one", arguments + " --jobs 1");
  const auto other = run(pipeline, "other", arguments + " --jobs 4 --set dense.tiles.size_px=512");

  ASSERT_EQ(one.code, 0) << one.err;
  ASSERT_EQ(other.code, 0) << other.err;
  EXPECT_EQ(read_file(out("one") / "detections.csv"), read_file(out("other") / "detections.csv"));
  EXPECT_GT(std::ranges::count(read_file(out("one") / "detections.csv"), '\n'), 5);
}

TEST_F(Cascade, ASecondNetworkConfirmsOrRejects) {
  const auto confirmed = [&](const std::string& second, const std::string& name) {
    const auto done =
        run("pipelines/detect/second_opinion.yaml", name,
            fmt::format("--set slide={} --set model={} --set second={} --set first_threshold=0.3",
                        file("slide1.svs"), file("costly.yaml"), second));
    EXPECT_EQ(done.code, 0) << done.err;
    return std::ranges::count(read_file(out(name) / "detections.csv"), '\n') - 1;
  };
  test::write_patch_network(folder_->path(), "never", Format::Onnx,
                            Weights{24, std::vector<float>(6 * 576, 0.0F), {9.0F, 0.0F}});

  EXPECT_GT(confirmed(file("patch.yaml"), "by_patch"), 5);
  EXPECT_GT(confirmed(file("costly.yaml"), "by_map"), 5);
  EXPECT_GT(confirmed(file("boxes.yaml"), "by_boxes"), 5);
  EXPECT_EQ(confirmed(file("never.yaml"), "by_none"), 0);
}

TEST_F(Cascade, ANetworkThatIsNotWhatItsCardSaysIsRefusedWhenThePipelineIs) {
  test::write_heat_map(folder_->path(), "wrong", Format::Onnx, Weights::dark(24), 4, 288,
                       {{"values", "one_logit"}});
  test::write_heat_map(folder_->path(), "typo", Format::Onnx, Weights::dark(24), 4, 288,
                       {{"padding", "sam"}});
  const auto validated = [&](const std::string& card) {
    return mitoloom("validate pipelines/detect/detect.yaml --set slide=none.svs --set model=" +
                    file(card));
  };

  const auto wrong = validated("wrong.yaml");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("gives [1][2][67][67], but the card"));
  const auto typo = validated("typo.yaml");
  EXPECT_NE(typo.code, 0);
  EXPECT_THAT(typo.err, HasSubstr("typo.yaml:7:10: error: the network's card: parameter 'padding' "
                                  "must be one of valid, same, got 'sam'; did you mean 'same'?"));
  EXPECT_EQ(validated("costly.yaml").code, 0) << validated("costly.yaml").err;
}

TEST_F(Cascade, ATorchScriptNetworkIsTriedWhereTheNetworkLibraryIs) {
  if (test::formats().size() < 2) GTEST_SKIP() << "TorchScript networks are made with LibTorch";
  test::write_heat_map(folder_->path(), "script", Format::Script, Weights::dark(24), 4, 288,
                       {{"values", "one_logit"}});
  const auto arguments = "validate pipelines/detect/detect.yaml --set slide=none.svs --set model=" +
                         file("script.yaml");

  const auto with = mitoloom(arguments);
  const auto without = mitoloom(arguments, "export MITO_NN_LIBRARY=/nowhere.so");

  EXPECT_EQ(with.code, 1);
  EXPECT_THAT(with.err, HasSubstr("script.pt: an input of [1][3][288][288] gives"));
  EXPECT_EQ(without.code, 0) << without.err;
  EXPECT_THAT(without.err, HasSubstr("script.yaml: whether the network gives what its card states "
                                     "is seen where it runs"));
}

}  // namespace
}  // namespace mito
