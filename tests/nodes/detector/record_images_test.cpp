#include "nodes/detector/record_images/record_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/nn/architecture.h"
#include "tests/support/problem.h"

namespace mito::record_images {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

nn::Model model(SeenFiles training = {{}, "an old file"}) {
  nn::ModelInfo info;
  info.architecture = nn::table2(0.0625);
  info.training_cases = {"A", "B"};
  info.tuning_cases = {"C"};
  info.training_images = std::move(training);
  info.tuning_images = {{}, ""};
  return {info, nn::initial_tensors(info.architecture, 1, "test")};
}

SeenFile file(char digit, const std::string& name, const std::string& case_id) {
  return {std::string(64, digit), 100, name, case_id};
}

TEST(RecordImages, ImagesGoToTheSetOfTheirCase) {
  const auto out = with_images(model(), {file('1', "a1", "A"), file('2', "c1", "C"),
                                         file('3', "d1", "D"), file('4', "b1", "B")});

  const auto& info = out.model.info();
  EXPECT_THAT(info.training_images.files, ElementsAre(file('1', "a1", "A"), file('4', "b1", "B")));
  EXPECT_THAT(info.tuning_images.files, ElementsAre(file('2', "c1", "C")));
  EXPECT_THAT(out.others, ElementsAre("D"));
  EXPECT_EQ(out.model.digest(), model().digest());
  EXPECT_EQ(out.model.tensors(), model().tensors());
}

TEST(RecordImages, WhetherTheseAreAllStaysNotKnown) {
  const auto out = with_images(model(), {file('1', "a1", "A")});

  EXPECT_EQ(out.model.info().training_images.not_known,
            "they were recorded afterwards, and there may be others (no file of B)");
  EXPECT_EQ(out.model.info().tuning_images, model().info().tuning_images);
  EXPECT_EQ(
      with_images(model({{}, ""}), {file('1', "a1", "A")}).model.info().training_images.not_known,
      "")
      << "a model that knew all its images";
}

TEST(RecordImages, AddsToWhatIsThere) {
  const auto first = with_images(model(), {file('2', "a", "A")}).model;
  const auto out = with_images(first, {file('1', "b", "B"), file('2', "copy of a", "A")}).model;

  EXPECT_THAT(out.info().training_images.files,
              ElementsAre(file('1', "b", "B"), file('2', "a", "A")));
}

TEST(RecordImages, RefusesWhatSaysNothing) {
  EXPECT_THAT(test::problem([] { with_images(model(), {file('1', "d1", "D")}); }),
              HasSubstr("no image is of a case that the model was trained or tuned on (A, B, C): "
                        "the images are of D; see case_pattern"));
  auto nameless = model().info();
  nameless.training_cases.clear();
  nameless.tuning_cases.clear();
  EXPECT_THAT(test::problem([&] { with_images(model().with(nameless), {file('1', "a1", "A")}); }),
              HasSubstr("the model names no cases"));
}

}  // namespace
}  // namespace mito::record_images
