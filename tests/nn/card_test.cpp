#include "engine/nn/imported/card.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/nn/model.h"
#include "tests/support/problem.h"
#include "tests/support/small_networks.h"
#include "tests/support/temp_folder.h"

namespace mito::nn {
namespace {

using test::CardLines;
using test::Format;
using test::problem;
using test::TempFolder;
using test::Weights;
using ::testing::HasSubstr;

/// What is wrong with the card of a heat map with `more`.
std::string mistakes(const CardLines& more) {
  const TempFolder folder;
  const auto card =
      test::write_heat_map(folder.path(), "net", Format::Onnx, Weights::dark(12), 4, 268, more);
  try {
    read_card(card);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no mistake";
}

TEST(Card, IsReadWithTheNetworkBesideIt) {
  const TempFolder folder;
  const auto card = test::write_heat_map(folder.path(), "net", Format::Onnx, Weights::dark(12), 4,
                                         268, {{"threshold", "0.4"}});

  const auto read = read_card(card);

  EXPECT_EQ(read.card.network, "net.onnx");
  EXPECT_EQ(read.card.map_side(), 65);
  EXPECT_EQ(read.card.threshold, 0.4);
  EXPECT_EQ(read.network.size(), std::filesystem::file_size(folder / "net.onnx"));
}

TEST(Card, MistakesAreToldWithLineAndColumnAndTheNearestName) {
  // The lines stand in the order of their keys: digest, input_px, licence, mpp, ...
  EXPECT_THAT(mistakes({{"strid_px", "4"}}),
              HasSubstr("net.yaml:8:1: error: the network's card has no parameter 'strid_px'; did "
                        "you mean 'stride_px'?"));
  EXPECT_THAT(
      mistakes({{"output", "heatmap"}}),
      HasSubstr("net.yaml:6:9: error: the network's card: parameter 'output' must be one of "
                "patch, heat_map, boxes, got 'heatmap'; did you mean 'heat_map'?"));
  EXPECT_THAT(mistakes({{"mpp", "quarter"}}), HasSubstr("'mpp' must be a number, got 'quarter'"));
  EXPECT_THAT(mistakes({{"mpp", "0.3"}}),
              HasSubstr("net.yaml:4:6: error: the network's card: 'mpp' must be 0.25, 0.5, 1 or 2 "
                        "to 5 %, got 0.3"));
  EXPECT_THAT(mistakes({{"stride_px", "3"}}), HasSubstr("'stride_px' must divide 256 px"));
  EXPECT_THAT(mistakes({{"std", "[1, 1]"}}), HasSubstr("'std' must have three numbers"));
  EXPECT_THAT(mistakes({{"licence", ""}}), HasSubstr("'licence' is missing"));
  EXPECT_THAT(mistakes({{"receptive_field_px", ""}}),
              HasSubstr("'receptive_field_px' is missing, which a card of a heat map needs"));
  EXPECT_THAT(mistakes({{"input_px", "40"}}), HasSubstr("must leave a square of at least 32 px"));
  EXPECT_THAT(mistakes({{"network", "../net.onnx"}}), HasSubstr("the plain name of a file"));
  EXPECT_THAT(mistakes({{"network", "net.h5"}}), HasSubstr("must end in .onnx or"));
  EXPECT_THAT(mistakes({{"network", "other.onnx"}}), HasSubstr("other.onnx"));
  EXPECT_THAT(mistakes({{"digest", "12ab"}}), HasSubstr("must be 64 hex digits"));
}

TEST(Card, AllMistakesAreToldAtOnce) {
  const auto told = mistakes({{"licence", ""}, {"values", ""}});

  EXPECT_THAT(told, HasSubstr("'licence' is missing"));
  EXPECT_THAT(told, HasSubstr("'values' is missing"));
}

TEST(Card, AnotherNetworkThanItStatesIsRefusedWithItsDigest) {
  const auto told = mistakes({{"digest", std::string(64, 'a')}});

  EXPECT_THAT(told, HasSubstr("net.yaml:1:9: error: the network's card: 'digest' is not that of"));
  EXPECT_THAT(told, ::testing::ContainsRegex("which is [0-9a-f]{64}"));
}

TEST(Card, ANetworkWithoutItsCardIsRefused) {
  const TempFolder folder;
  test::write_heat_map(folder.path(), "net", Format::Onnx, Weights::dark(12), 4, 268);

  EXPECT_THAT(problem([&] { load_model(folder / "net.onnx"); }), HasSubstr("is given by its card"));
}

TEST(Card, SquaresOfAHeatMapLeaveRoomForTheReceptiveField) {
  Card card;
  card.output = "heat_map";
  card.mpp = 0.25;
  card.input_px = 349;
  card.receptive_field_px = 97;
  card.stride_px = 4;
  card.offset_px = 50;

  // 7 px are missing for 256 px: half as large a square.
  EXPECT_EQ(squares_of(card).side_px, 128);
  card.input_px = 356;
  const auto squares = squares_of(card);
  EXPECT_EQ(squares.side_px, 256);
  EXPECT_EQ(squares.before_px, 50);
  EXPECT_EQ(squares.behind_px, 50);
}

TEST(Card, AModelOfItIsStoredWithCardAndNetwork) {
  const TempFolder folder;
  const auto card = test::write_patch_network(folder.path(), "net", Format::Onnx, Weights::dark(16),
                                              {{"threshold", "0.7"}});
  const auto model = load_model(card);
  auto info = model.info();
  info.threshold = 0.9;

  save_model(model.with(info), folder / "model.h5");
  const auto again = load_model(folder / "model.h5");

  EXPECT_EQ(model.info().threshold, 0.7);
  EXPECT_EQ(again.info().threshold, 0.9);
  EXPECT_EQ(again.digest(), model.with(info).digest());
  EXPECT_NE(again.digest(), model.digest());
  const std::vector<float> black(std::size_t{3 * 16 * 16}, 0.0F);
  EXPECT_EQ(again.network(Device::Cpu).probabilities(black, 1),
            model.network(Device::Cpu).probabilities(black, 1));
}

TEST(Card, ItsNetworkIsNeitherTrainedNorJoined) {
  const TempFolder folder;
  const auto model =
      load_model(test::write_patch_network(folder.path(), "net", Format::Onnx, Weights::dark(16)));

  EXPECT_THAT(problem([&] { model.tensors(); }), HasSubstr("made elsewhere"));
  EXPECT_THAT(problem([&] {
                Model(model.info(), std::vector{model, model});
              }),
              HasSubstr("member 1 of the ensemble was made elsewhere"));
  EXPECT_THAT(problem([&] { model.fft_network(64); }), HasSubstr("backend fft computes"));
}

}  // namespace
}  // namespace mito::nn
