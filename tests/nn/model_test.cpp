#include "engine/nn/model.h"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/store/record_file.h"

namespace mito::nn {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr double kNarrow = 0.0625;

Model narrow_model(std::uint64_t seed = 1) {
  ModelInfo info;
  info.architecture = table2(kNarrow);
  info.threshold = 0.93;
  info.threshold_source = "nowhere";
  info.data_digest = "abc";
  info.version = "test";
  return {info, initial_tensors(info.architecture, seed, "test")};
}

template <class F>
std::string message_of(F&& body) {
  try {
    body();
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Model, SurvivesTheRoundTripThroughAFile) {
  const auto file = std::filesystem::path(testing::TempDir()) / "round_trip_model.h5";
  const Model model = narrow_model();

  save_model(model, file);
  const Model read = load_model(file);

  EXPECT_EQ(read.info(), model.info());
  EXPECT_EQ(read.tensors(), model.tensors());
  EXPECT_EQ(read.digest(), model.digest());
}

TEST(Model, OfCnn12SurvivesTheRoundTripWithItsWidthFactor) {
  const auto file = std::filesystem::path(testing::TempDir()) / "round_trip_cnn12.h5";
  ModelInfo info;
  info.architecture = cnn12(0.125, FilterRule::Floor);
  info.threshold = 0.5;
  const Model model(info, initial_tensors(info.architecture, 1, "test"));

  save_model(model, file);
  const Model read = load_model(file);

  EXPECT_EQ(read.info(), model.info());
  EXPECT_EQ(read.info().architecture.filters, (std::vector<std::int64_t>{8, 16, 32, 64, 128}));
  EXPECT_EQ(read.info().architecture.dense_units, 256);
  EXPECT_EQ(read.tensors(), model.tensors());
  EXPECT_EQ(read.digest(), model.digest());
}

TEST(Model, OfAnotherFamilyIsNamed) {
  Record record = Codec<Model>::encode(narrow_model());
  record.attributes["architecture"] = std::string("resnet");

  EXPECT_THAT(message_of([&] { Codec<Model>::decode(record); }),
              HasSubstr("unknown network family 'resnet': expected table2 or cnn12"));
}

TEST(Model, HasAnotherDigestWithOtherWeights) {
  EXPECT_NE(narrow_model(1).digest(), narrow_model(2).digest());
}

TEST(Model, NamesEveryTensorThatDoesNotFit) {
  Record record = Codec<Model>::encode(narrow_model());
  record.arrays.erase("weights.conv2.bias");
  record.arrays["weights.extra"] = Array::of(std::vector<float>{1});
  record.arrays["weights.conv1.bias"] = Array::of(std::vector<float>{1, 2, 3});
  record.arrays["weights.conv3.bias"] = Array::of(std::vector<double>{1, 2, 3, 4});

  const auto message = message_of([&] { Codec<Model>::decode(record); });

  EXPECT_THAT(message,
              AllOf(HasSubstr("'conv2.bias' is missing"), HasSubstr("'extra' is not expected"),
                    HasSubstr("'conv1.bias' has shape [3], expected [2]"),
                    HasSubstr("'conv3.bias' is not float32")));
}

TEST(Model, RefusesAFileOfAnotherKindAndNamesIt) {
  const auto file = std::filesystem::path(testing::TempDir()) / "no_model.h5";
  Record record;
  record.attributes["kind"] = std::string("something else");
  store::write_record(file, record);

  EXPECT_THAT(message_of([&] { load_model(file); }),
              AllOf(HasSubstr(file.string()), HasSubstr("not a mitoloom model file")));
}

TEST(Model, TheShippedFileFitsItsCard) {
  const Model model = load_model(MITO_SOURCE_DIR "/data/models/he_first.h5");
  std::ifstream card(MITO_SOURCE_DIR "/data/models/he_first.md");
  const std::string text{std::istreambuf_iterator<char>(card), {}};

  EXPECT_EQ(parameter_count(model.info().architecture), 1679626);
  EXPECT_NEAR(model.info().threshold, 0.9825, 5e-5);
  EXPECT_THAT(text, HasSubstr(model.digest()));
}

TEST(Architecture, RefusesAWidthFactorThatEmptiesALayer) {
  EXPECT_THAT(message_of([] { table2(0.03); }),
              HasSubstr("leaves a layer of 32 filters with none"));
}

TEST(Architecture, OfCnn12ScalesFiltersAndDenseUnits) {
  const auto whole = cnn12();
  EXPECT_EQ(whole.filters, (std::vector<std::int64_t>{64, 128, 256, 512, 1024}));
  EXPECT_EQ(whole.dense_units, 2048);
  EXPECT_EQ(whole.slope, 0);
  EXPECT_EQ(parameter_count(whole), 8373890);

  const auto quarter = cnn12(0.25);
  EXPECT_EQ(quarter.filters, (std::vector<std::int64_t>{16, 32, 64, 128, 256}));
  EXPECT_EQ(quarter.dense_units, 512);
  EXPECT_EQ(quarter.features(), 512);
  EXPECT_THAT(message_of([] { cnn12(0.01); }), HasSubstr("leaves a layer of 64 filters with none"));
}

TEST(InitialTensors, StayWithinTheGlorotLimitAndUseIt) {
  const auto architecture = table2(kNarrow);
  const auto tensors = initial_tensors(architecture, 1, "test");
  for (const auto& spec : tensor_specs(architecture)) {
    const auto values = tensors.at(spec.name).as<float>();
    const double limit =
        spec.is_weight ? std::sqrt(6.0 / static_cast<double>(spec.fan_in + spec.fan_out)) : 0.0;
    double largest = 0;
    for (const float v : values) largest = std::max(largest, std::abs(static_cast<double>(v)));
    EXPECT_LE(largest, limit + 1e-7) << spec.name;
    EXPECT_GE(largest, 0.8 * limit) << spec.name;
  }
}

TEST(Backend, SaysWhereItLookedWhenTheLibraryIsMissing) {
  // A death test: the library is opened once per process.
  EXPECT_EXIT(
      {
        setenv("MITO_NN_LIBRARY", "/nowhere/mito_nn_torch.so", 1);
        const auto message = message_of([] { backend(); });
        const bool good =
            message.find("/nowhere/mito_nn_torch.so: not there") != std::string::npos &&
            message.find("MITO_TORCH=ON") != std::string::npos;
        std::exit(good ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Backend, SaysWhyALibraryCannotBeOpened) {
  const auto file = std::filesystem::path(testing::TempDir()) / "not_a_library.so";
  std::ofstream(file) << "text";
  EXPECT_EXIT(
      {
        setenv("MITO_NN_LIBRARY", file.c_str(), 1);
        const auto message = message_of([] { backend(); });
        std::exit(message.find(file.string() + ": ") != std::string::npos ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mito::nn
