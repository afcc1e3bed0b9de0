#include "engine/nn/imported/imported_network.h"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/digest.h"
#include "engine/core/random.h"
#include "engine/nn/imported/network_trial.h"
#include "engine/nn/imported/onnx_function.h"
#include "engine/nn/loss.h"
#include "engine/nn/model.h"
#include "tests/support/onnx_file.h"
#include "tests/support/problem.h"
#include "tests/support/small_networks.h"
#include "tests/support/temp_folder.h"

namespace mito::nn {
namespace {

using test::CardLines;
using test::Format;
using test::problem;
using test::Weights;
using ::testing::HasSubstr;

constexpr float kNear = 2e-5F;  // float32 sums of 3 x 16 x 16 products

std::vector<float> noise(std::size_t size) {
  std::vector<float> out;
  RandomStream random(7, "noise", 0);
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<float>(random.below(256)) / 255);
  return out;
}

/// Of a patch that is turned into the network's input by `f`, channel by channel.
template <class F>
float expected(const Weights& weights, std::span<const float> patch, F&& f) {
  std::vector<float> input;
  const auto plane = patch.size() / 3;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = 0; i < plane; ++i) input.push_back(f(patch, c, plane, i));
  const auto logits = weights.logits(input);
  return static_cast<float>(mitosis_probability(logits[0], logits[1]));
}

float as_it_is(std::span<const float> patch, std::size_t c, std::size_t plane, std::size_t i) {
  return patch[c * plane + i];
}

class ImportedNetworks : public ::testing::TestWithParam<Format> {
 protected:
  Model patch_network(const Weights& weights, const CardLines& more = {}) const {
    return load_model(test::write_patch_network(folder_.path(), "net", GetParam(), weights, more));
  }
  std::string refusal(const CardLines& more) const {
    return problem([&] { patch_network(Weights::random(16, 1), more).network(Device::Cpu); });
  }

  test::TempFolder folder_;
};

TEST_P(ImportedNetworks, GiveTheProbabilityOfEveryPatchWhateverTheOthers) {
  const auto weights = Weights::random(16, 1);
  const auto model = patch_network(weights);
  constexpr std::size_t kNumbers = 3 * 16 * 16;
  const auto patches = noise(21 * kNumbers);

  const auto found = model.network(Device::Cpu).probabilities(patches, 21);

  ASSERT_EQ(found.size(), 21U);
  for (std::size_t i = 0; i < 21; ++i) {
    const auto patch = std::span(patches).subspan(i * kNumbers, kNumbers);
    EXPECT_NEAR(found[i], expected(weights, patch, as_it_is), kNear);
    EXPECT_EQ(found[i], model.network(Device::Cpu).probabilities(patch, 1)[0]);
  }
}

TEST_P(ImportedNetworks, TakeChannelsAndIntensitiesAsTheCardSays) {
  const auto weights = Weights::random(16, 2);
  const auto model = patch_network(
      weights, {{"channels", "bgr"}, {"mean", "[0.1, 0.2, 0.3]"}, {"std", "[0.5, 0.25, 2]"}});
  const auto patch = noise(3 * 16 * 16);

  const auto found = model.network(Device::Cpu).probabilities(patch, 1);

  const float mean[] = {0.1F, 0.2F, 0.3F};
  const float std[] = {0.5F, 0.25F, 2.0F};
  EXPECT_NEAR(found[0],
              expected(weights, patch,
                       [&](auto of, std::size_t c, std::size_t plane, std::size_t i) {
                         return (of[(2 - c) * plane + i] - mean[c]) / std[c];
                       }),
              kNear);
}

TEST_P(ImportedNetworks, OfCoarserPixelsGetTheirMean) {
  const auto weights = Weights::random(16, 3);
  const auto model = patch_network(weights, {{"mpp", "0.5"}});
  const auto patch = noise(3 * 32 * 32);

  const auto& network = model.network(Device::Cpu);

  EXPECT_EQ(model.info().mpp, 0.25);
  EXPECT_EQ(network.patch_px(), 32);
  std::vector<float> small;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t y = 0; y < 16; ++y)
      for (std::size_t x = 0; x < 16; ++x) {
        const auto at = c * 1024 + 64 * y + 2 * x;
        small.push_back((patch[at] + patch[at + 1] + patch[at + 32] + patch[at + 33]) / 4);
      }
  EXPECT_NEAR(network.probabilities(patch, 1)[0], expected(weights, small, as_it_is), kNear);
}

TEST_P(ImportedNetworks, GiveAHeatMapAtEveryFourthPixel) {
  const auto weights = Weights::random(12, 4);
  const auto model =
      load_model(test::write_heat_map(folder_.path(), "net", GetParam(), weights, 8, 280));
  const auto& network = model.network(Device::Cpu);
  const auto parts = network.dense_parts();
  const auto side = parts.block_px + parts.before_px + parts.behind_px;
  ASSERT_EQ(parts.block_px, 256);
  ASSERT_EQ(side, 280);
  const auto pixels = noise(static_cast<std::size_t>(3 * side * side));
  std::vector<std::uint8_t> rgb;
  for (const float v : pixels) rgb.push_back(static_cast<std::uint8_t>(v * 255 + 0.5F));

  const auto map = network.probability_map(rgb, side, side);

  ASSERT_EQ(map.size(), 64U * 64U);
  for (const std::int64_t output : {0, 1, 2, 30, 63}) {
    // Values lie at multiples of 8 px; those at 4, 12, ... are as near to the next.
    const auto nearest = (4 * output + 4) / 8 * 8;
    std::vector<float> patch;
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = nearest - 6; y < nearest + 6; ++y)
        for (std::int64_t x = nearest - 6; x < nearest + 6; ++x)
          patch.push_back(static_cast<float>(rgb[static_cast<std::size_t>(
                              ((y + parts.before_px) * side + x + parts.before_px) * 3 + c)]) /
                          255);
    EXPECT_NEAR(map[static_cast<std::size_t>(65 * output)], expected(weights, patch, as_it_is),
                kNear);
  }
}

TEST_P(ImportedNetworks, AreRefusedWhereTheOutputIsNotWhatTheCardStates) {
  EXPECT_THAT(refusal({{"values", "one_logit"}}),
              HasSubstr("an input of [16][3][16][16] gives [16][2], but the card ('output: patch', "
                        "'values: one_logit') says [16][1]"));
  EXPECT_THAT(refusal({{"output", "heat_map"},
                       {"stride_px", "4"},
                       {"receptive_field_px", "16"},
                       {"input_px", "272"}}),
              HasSubstr("net."));
  EXPECT_THAT(refusal({{"input_px", "12"}}), HasSubstr("net."));
}

TEST_P(ImportedNetworks, AreRefusedWhereTheFileIsNoNetwork) {
  const auto card =
      test::write_patch_network(folder_.path(), "net", GetParam(), Weights::random(16, 1));
  const auto name = GetParam() == Format::Onnx ? "net.onnx" : "net.pt";
  const auto stated = sha256_file(folder_ / name);
  std::ofstream(folder_ / name) << "no network";
  std::ifstream in(card);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  text.replace(text.find(stated), stated.size(), sha256("no network"));
  std::ofstream(card) << text;

  EXPECT_THAT(problem([&] { load_model(card).network(Device::Cpu); }), HasSubstr(name));
}

TEST_P(ImportedNetworks, ValuesThatAreNoProbabilitiesAreTold) {
  const auto model = patch_network(Weights{16, std::vector<float>(6 * 256, 0.0F), {0.0F, 3.5F}},
                                   {{"values", "softmax"}});

  EXPECT_THAT(problem([&] { model.network(Device::Cpu).probabilities(noise(3 * 16 * 16), 1); }),
              HasSubstr("the network gives 3.5, which is no probability, though its card says "
                        "'values: softmax'"));
}

TEST_P(ImportedNetworks, SayWhichStepTakesThem) {
  const auto patch = patch_network(Weights::random(16, 1));
  const auto boxes = load_model(
      test::write_box_network(folder_.path(), "boxes", GetParam(), Weights::dark(16), 288));
  const std::vector<std::uint8_t> none;

  EXPECT_THAT(problem([&] { patch.network(Device::Cpu).boxes(none, 0, 0); }),
              HasSubstr("it finds no boxes"));
  EXPECT_THAT(problem([&] { patch.network(Device::Cpu).dense_parts(); }), HasSubstr("stride_px"));
  EXPECT_THAT(problem([&] { boxes.network(Device::Cpu).probability_map(none, 0, 0); }),
              HasSubstr("detect_boxes takes it"));
  EXPECT_THAT(problem([&] { boxes.network(Device::Cpu).probabilities({}, 1); }),
              HasSubstr("it cannot classify a patch"));
  EXPECT_THAT(problem([&] { patch.network(Device::Cpu, Precision::Mixed); }),
              HasSubstr("float32 only"));
}

// docs/models.md shows it.
TEST(ImportedNetwork, TheShippedExampleIsTheOneThatIsMadeHere) {
  const test::TempFolder folder;
  test::write_heat_map(folder.path(), "dark_spots", Format::Onnx, Weights::dark(24), 4, 288);
  const auto shipped = std::filesystem::path(MITO_SOURCE_DIR) / "data/models";

  EXPECT_EQ(sha256_file(shipped / "dark_spots.onnx"), sha256_file(folder / "dark_spots.onnx"));
  EXPECT_EQ(load_model(shipped / "dark_spots.yaml").imported()->card.stride_px, 4);
}

TEST(OnnxFunction, GivesTheOutputThatTheFileNames) {
  test::OnnxFile file;
  file.node("Relu", {"x"}, "y");
  file.node("Sigmoid", {"x"}, "z");
  const std::vector<float> below_zero(3 * 8 * 8, -1.0F);

  const auto out = open_onnx(file.bytes(1, 8))->run(below_zero, 1, 8);
  EXPECT_THAT(out.values, ::testing::Each(0.0F));
  EXPECT_THAT(problem([&] { open_onnx(file.bytes(1, 8, {"y", "z"})); }), HasSubstr("2 outputs"));
}

TEST(NetworkTrial, ANetworkOnWhichTheLibraryCrashesIsRefusedInWords) {
  test::OnnxFile file;
  file.constant("w", {1, 3, 2, 2}, std::vector<float>(12, 1.0F));
  file.node("Conv", {"x", "w"}, "y", {{"kernel_shape", {2, 2}}}, {{"group", 0}});
  const auto bytes = file.bytes(1, 8);
  ::setenv("ASAN_OPTIONS", "handle_sigfpe=0", 1);  // else the process ends in words of its own

  for (int i = 0; i < 2; ++i)
    EXPECT_THAT(problem([&] { try_network(bytes, {.count = 1, .side = 8}); }),
                HasSubstr("OpenCV crashes when it reads or runs it (Floating point exception)"));
}

TEST(NetworkTrial, WhatTheLibraryRefusesIsLeftToWhoeverOpensIt) {
  EXPECT_NO_THROW(try_network("no network", {.is_script = false}));
  EXPECT_NO_THROW(try_network("no network", {.is_script = true}));
}

INSTANTIATE_TEST_SUITE_P(Formats,
                         ImportedNetworks,
                         ::testing::ValuesIn(test::formats()),
                         [](const auto& suite) {
                           return suite.param == Format::Onnx ? "Onnx" : "TorchScript";
                         });

}  // namespace
}  // namespace mito::nn
