#include "engine/nn/model.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/hdf5/record_file.h"
#include "engine/types/seen_images.h"
#include "tests/support/problem.h"

namespace mito::nn {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

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

TEST(Model, SurvivesTheRoundTripThroughAFile) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "round_trip_model.h5";
  const Model model = narrow_model();

  save_model(model, file);
  const Model read = load_model(file);

  EXPECT_EQ(read.info(), model.info());
  EXPECT_EQ(read.tensors(), model.tensors());
  EXPECT_EQ(read.digest(), model.digest());
}

TEST(Model, IsTransformedOnceWhenItsFileIsReadAgain) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "read_again_model.h5";
  constexpr std::int64_t kMib = 64;
  save_model(narrow_model(1), file);
  const auto* transformed = &load_model(file).fft_network(kMib);
  EXPECT_EQ(&load_model(file).fft_network(kMib), transformed);

  const auto other = std::filesystem::path(::testing::TempDir()) / "other_model.h5";
  save_model(narrow_model(3), other);
  const auto* of_other = &load_model(other).fft_network(kMib);
  EXPECT_EQ(&load_model(file).fft_network(kMib), transformed) << "a cascade has two";
  EXPECT_EQ(&load_model(other).fft_network(kMib), of_other);

  save_model(narrow_model(2), file);
  EXPECT_EQ(load_model(file).digest(), narrow_model(2).digest());
}

TEST(Model, AFileOfOtherContentThanWasWrittenIsRefused) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "sealed_model.h5";
  save_model(narrow_model(), file);
  EXPECT_TRUE(is_sealed(file));
  const Record whole = store::read_record(file);

  const auto refused = [&](const char* what, const auto& damage) {
    Record damaged = whole;
    damage(damaged);
    store::write_record(file, damaged);
    EXPECT_THAT(mito::test::problem([&] { load_model(file); }),
                AllOf(HasSubstr("sealed_model.h5"), HasSubstr("is damaged")))
        << what;
  };
  for (const auto& [name, array] : whole.arrays)
    for (const std::size_t at : {std::size_t{0}, array.bytes.size() - 1})
      refused(name.c_str(),
              [&, &key = name](Record& r) { r.arrays[key].bytes[at] ^= std::byte{1}; });
  for (const auto& [name, value] : whole.attributes)
    if (name != "kind")
      refused(name.c_str(),
              [&, &key = name](Record& r) { r.attributes[key] = std::string("other"); });
}

TEST(Model, AFileWithoutASealIsReadAndCanBeSealed) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "unsealed_model.h5";
  const Model model = narrow_model();
  store::write_record(file, Codec<Model>::encode(model));

  EXPECT_FALSE(is_sealed(file));
  EXPECT_EQ(load_model(file).digest(), model.digest());
  EXPECT_TRUE(seal_model(file));
  EXPECT_TRUE(is_sealed(file));
  EXPECT_FALSE(seal_model(file)) << "it has a seal";
  EXPECT_EQ(load_model(file).info(), model.info());
}

TEST(Model, NumbersThatAreNoneAreRefused) {
  const auto model = narrow_model();
  for (const double bad : {std::nan(""), double{INFINITY}}) {
    auto tensors = model.tensors();
    auto& array = tensors.at("conv3.weight");
    const auto value = static_cast<float>(bad);
    std::memcpy(array.bytes.data() + 40, &value, sizeof value);
    EXPECT_THAT(mito::test::problem([&] { Model(model.info(), tensors); }),
                HasSubstr("'conv3.weight' has values that are not finite"));
    for (const auto* name : {"slope", "mpp", "threshold"}) {
      Record record = Codec<Model>::encode(model);
      record.attributes[name] = bad;
      EXPECT_THAT(mito::test::problem([&] { Codec<Model>::decode(record); }),
                  HasSubstr("expected a number"));
    }
  }
}

TEST(Model, OfCnn12SurvivesTheRoundTripWithItsWidthFactor) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "round_trip_cnn12.h5";
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

Model ensemble(std::vector<Model> members) {
  ModelInfo info = members.front().info();
  info.threshold = 0.7;
  info.tuning_cases = {"B"};
  return {info, std::move(members)};
}

TEST(Ensemble, SurvivesTheRoundTripThroughAFile) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "round_trip_ensemble.h5";
  ModelInfo wide;
  wide.architecture = table2(0.125);
  wide.seed = 3;
  wide.training_cases = {"A", "case with, comma"};
  const Model model = ensemble(
      {narrow_model(1), narrow_model(2), {wide, initial_tensors(wide.architecture, 3, "test")}});

  save_model(model, file);
  const Model read = load_model(file);

  EXPECT_EQ(read.info(), model.info());
  EXPECT_EQ(read.digest(), model.digest());
  ASSERT_EQ(read.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read.members()[i].info(), model.members()[i].info()) << i;
    EXPECT_EQ(read.members()[i].tensors(), model.members()[i].tensors()) << i;
  }
}

TEST(Ensemble, FileNamesTheMemberThatIsBroken) {
  Record record = Codec<Model>::encode(ensemble({narrow_model(1), narrow_model(2)}));
  auto damaged = record;
  damaged.arrays.erase("member1.weights.conv2.bias");
  EXPECT_THAT(test::problem([&] { Codec<Model>::decode(damaged); }),
              AllOf(HasSubstr("member 2"), HasSubstr("'conv2.bias' is missing")));
  record.arrays["weights.conv2.bias"] = Array::of(std::vector<float>{1});
  EXPECT_THAT(test::problem([&] { Codec<Model>::decode(record); }),
              HasSubstr("the file holds 41 datasets, but its 2 members have 40"));
}

TEST(Ensemble, HasTheDigestOfItsMembersAndTheirOrder) {
  const auto digest = ensemble({narrow_model(1), narrow_model(2)}).digest();
  EXPECT_NE(digest, ensemble({narrow_model(2), narrow_model(1)}).digest());
  EXPECT_NE(digest, ensemble({narrow_model(1), narrow_model(3)}).digest());
  EXPECT_NE(digest, ensemble({narrow_model(1)}).digest());
  EXPECT_EQ(digest, ensemble({narrow_model(1), narrow_model(2)}).digest());
}

TEST(Ensemble, RefusesMembersThatDoNotBelongTogether) {
  EXPECT_THAT(test::problem([] { Model(ModelInfo{}, std::vector<Model>{}); }),
              HasSubstr("at least one network"));
  ModelInfo info;
  info.architecture = cnn12(0.03125);
  const Model other(info, initial_tensors(info.architecture, 1, "test"));
  EXPECT_THAT(test::problem([&] {
                ensemble({narrow_model(), other});
              }),
              HasSubstr("must be of one kind: member 1 is table2"));
  EXPECT_THAT(test::problem([] { ensemble({ensemble({narrow_model()})}); }),
              HasSubstr("member 1 of the ensemble is an ensemble itself"));
  EXPECT_THAT(test::problem([] {
                ensemble({narrow_model(), narrow_model()}).tensors();
              }),
              HasSubstr("an ensemble of 2 networks was given where a single network is needed"));
}

/// Calls patches a mitosis with a fixed probability.
class ConstantNetwork final : public Network {
 public:
  explicit ConstantNetwork(float logit) : logit_(logit) {}
  std::vector<float> logits(std::span<const float> /*patches*/, std::int64_t count) const override {
    std::vector<float> out;
    for (std::int64_t i = 0; i < count; ++i) out.insert(out.end(), {0.0F, logit_});
    return out;
  }
  std::vector<float> dense(std::span<const std::uint8_t> /*rgb*/,
                           std::int64_t height,
                           std::int64_t width) const override {
    const auto n = static_cast<std::size_t>(dense_outputs(height) * dense_outputs(width));
    std::vector<float> out(2 * n, 0.0F);
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(n), out.end(), logit_);
    return out;
  }

 private:
  float logit_;
};

// Method 8.2
TEST(Ensemble, GivesTheMeanOfTheProbabilitiesNotOfTheLogits) {
  const ConstantNetwork sure(20.0F);
  const ConstantNetwork not_sure(0.0F);
  const EnsembleNetwork both({&sure, &not_sure});

  EXPECT_FLOAT_EQ(both.probabilities({}, 1)[0], 0.75F);
  EXPECT_FLOAT_EQ(both.probability_map({}, 100, 100)[0], 0.75F);
  const auto logits = both.logits({}, 1);
  EXPECT_NEAR(mitosis_probability(static_cast<double>(logits[0]), static_cast<double>(logits[1])),
              0.75, 1e-6);
  const auto dense = both.dense({}, 100, 101);  // 1 x 2 outputs
  ASSERT_EQ(dense.size(), 4U);
  EXPECT_NEAR(mitosis_probability(static_cast<double>(dense[1]), static_cast<double>(dense[3])),
              0.75, 1e-6);
}

// Method 15.11
TEST(Ensemble, OfCopiesEqualsOneBitForBit) {
  for (const float logit : {-3.1F, 0.2F, 7.7F}) {
    const ConstantNetwork one(logit);
    const auto p = one.probabilities({}, 1)[0];
    for (const std::size_t k : {1U, 3U, 10U}) {
      const EnsembleNetwork copies(std::vector<const Network*>(k, &one));
      EXPECT_EQ(copies.probabilities({}, 1)[0], p);
      EXPECT_EQ(copies.probability_map({}, 97, 97)[0], p);
    }
  }
}

TEST(Model, ReadsTheFirstFilesWhichKnowNoCases) {
  Record record = Codec<Model>::encode(narrow_model());
  for (const auto* name : {"training_cases", "tuning_cases", "epochs", "best_epoch"})
    record.attributes.erase(name);
  const Model read = Codec<Model>::decode(record);
  EXPECT_TRUE(read.info().training_cases.empty());
  EXPECT_EQ(read.digest(), narrow_model().digest());
}

ModelInfo with_images(ModelInfo info) {
  info.training_images = seen_files(
      {{std::string(64, 'b'), 12, "frame,\tof b", "B"}, {std::string(64, 'a'), 0, "a", "A"}},
      "there may be others");
  info.tuning_images = {{}, ""};
  return info;
}

TEST(Model, SaysWhichImagesItHasSeen) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "model_images.h5";
  const Model model = narrow_model().with(with_images(narrow_model().info()));

  save_model(model, file);
  const auto read = load_model(file).info();

  ASSERT_EQ(read.training_images.files.size(), 2U);
  EXPECT_EQ(read.training_images.files[0], (SeenFile{std::string(64, 'a'), 0, "a", "A"}));
  EXPECT_EQ(read.training_images.files[1].name, "frame, of b") << "on one line";
  EXPECT_EQ(read.training_images.not_known, "there may be others");
  EXPECT_EQ(read.training_images.listed_in, file.string());
  EXPECT_EQ(read.tuning_images, (SeenFiles{{}, ""})) << "nothing was tuned, and that is known";
  EXPECT_EQ(model.digest(), narrow_model().digest());
}

TEST(Model, OfATimeBeforeImagesSaysThatTheyAreNotKnown) {
  Record record = Codec<Model>::encode(narrow_model().with(with_images(narrow_model().info())));
  for (const auto* name :
       {"training_images", "training_images_not_known", "tuning_images", "tuning_images_not_known"})
    ASSERT_EQ(record.attributes.erase(name), 1U) << name;

  const auto read = Codec<Model>::decode(record).info();

  EXPECT_TRUE(read.training_images.files.empty());
  EXPECT_EQ(read.training_images.not_known,
            "the model file was written before images were recorded");
  EXPECT_EQ(read.tuning_images.not_known, read.training_images.not_known);
}

TEST(Model, WithADigestThatIsNoneIsRefused) {
  Record record = Codec<Model>::encode(narrow_model().with(with_images(narrow_model().info())));
  auto& text = std::get<std::string>(record.attributes["training_images"]);
  text[3] = 'x';

  EXPECT_THAT(test::problem([&] { Codec<Model>::decode(record); }),
              AllOf(HasSubstr("attribute 'training_images': entry 1: expected a SHA-256 of 64 hex"),
                    HasSubstr("found 'aaax")));
}

TEST(Model, CanBeGivenAnotherDescription) {
  ModelInfo info = narrow_model().info();
  info.threshold = 0.25;
  EXPECT_EQ(narrow_model().with(info).info().threshold, 0.25);
  EXPECT_EQ(narrow_model().with(info).tensors(), narrow_model().tensors());
  EXPECT_EQ(ensemble({narrow_model()}).with(info).size(), 1U);
}

TEST(Model, OfAnotherFamilyIsNamed) {
  Record record = Codec<Model>::encode(narrow_model());
  record.attributes["architecture"] = std::string("resnet");

  EXPECT_THAT(test::problem([&] { Codec<Model>::decode(record); }),
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

  const auto message = test::problem([&] { Codec<Model>::decode(record); });

  EXPECT_THAT(message,
              AllOf(HasSubstr("'conv2.bias' is missing"), HasSubstr("'extra' is not expected"),
                    HasSubstr("'conv1.bias' has shape [3], expected [2]"),
                    HasSubstr("'conv3.bias' is not float32")));
}

TEST(Model, RefusesAFileOfAnotherKindAndNamesIt) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "no_model.h5";
  Record record;
  record.attributes["kind"] = std::string("something else");
  store::write_record(file, record);

  EXPECT_THAT(test::problem([&] { load_model(file); }),
              AllOf(HasSubstr(file.string()), HasSubstr("not a mitoloom model file")));
}

TEST(Model, TheShippedFileFitsItsCard) {
  const Model model = load_model(MITO_SOURCE_DIR "/data/models/he_detector.h5");
  std::ifstream card(MITO_SOURCE_DIR "/data/models/he_detector.md");
  const std::string text{std::istreambuf_iterator<char>(card), {}};

  EXPECT_EQ(parameter_count(model.info().architecture), 1679626);
  EXPECT_EQ(model.info().threshold, 0.85);
  EXPECT_TRUE(is_sealed(MITO_SOURCE_DIR "/data/models/he_detector.h5"));
  EXPECT_THAT(text, HasSubstr(model.digest()));
}

TEST(Architecture, RefusesAWidthFactorThatEmptiesALayer) {
  EXPECT_THAT(test::problem([] { table2(0.03); }),
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
  EXPECT_THAT(test::problem([] { cnn12(0.01); }),
              HasSubstr("leaves a layer of 64 filters with none"));
}

TEST(InitialTensors, OfHeHaveTheirStandardDeviation) {
  const auto architecture = table2(0.25);
  const auto tensors = initial_tensors(architecture, 1, "test", Init::HeNormal);
  for (const auto& spec : tensor_specs(architecture)) {
    const auto values = tensors.at(spec.name).as<float>();
    if (!spec.is_weight || values.size() < 10000) continue;
    double sum = 0;
    for (const float v : values) sum += static_cast<double>(v) * static_cast<double>(v);
    // the relative error of a variance over n draws is sqrt(2 / n): 6 of them
    const auto n = static_cast<double>(values.size());
    EXPECT_NEAR(sum / n * static_cast<double>(spec.fan_in) / 2, 1, 6 * std::sqrt(2 / n))
        << spec.name;
  }
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
        const auto message = test::problem([] { backend(); });
        const bool good =
            message.find("/nowhere/mito_nn_torch.so: not there") != std::string::npos &&
            message.find("MITO_TORCH=ON") != std::string::npos;
        std::exit(good ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(Backend, SaysWhyALibraryCannotBeOpened) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "not_a_library.so";
  std::ofstream(file) << "text";
  EXPECT_EXIT(
      {
        setenv("MITO_NN_LIBRARY", file.c_str(), 1);
        const auto message = test::problem([] { backend(); });
        std::exit(message.find(file.string() + ": ") != std::string::npos ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mito::nn
