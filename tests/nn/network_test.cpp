#include <algorithm>
#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/nn/backend.h"
#include "engine/nn/dense.h"
#include "engine/nn/loss.h"
#include "nodes/detector/training/learning_rate.h"

namespace mito::nn {
namespace {

constexpr double kNarrow = 0.0625;  // 2, 2, 4, 4, 8, 8, 16, 16, 32 filters
constexpr std::size_t kNumbers = std::size_t{3 * kPatch * kPatch};

std::vector<std::uint8_t> noise(std::int64_t width, std::int64_t height) {
  RandomStream random(7, "pixels", 0);
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width * height * 3));
  for (auto& v : rgb) v = static_cast<std::uint8_t>(random.below(256));
  return rgb;
}

TEST(Network, DenseMapEqualsPatchWiseEvaluation) {
  const auto architecture = table2(kNarrow);
  const auto network =
      backend().network(architecture, initial_tensors(architecture, 3, "test"), Device::Cpu);
  const auto rgb = noise(300, 300);
  const PixelView pixels{{0, 0, 300, 300}, rgb};

  const auto map =
      dense_probabilities(*network, pixels, {0, 0, 300, 300}, [](const Rect&) { return true; });

  std::vector<std::int64_t> points;
  for (std::int64_t y = 0; y < 300; y += 44) {
    for (std::int64_t x = 0; x < 300; x += 44) points.insert(points.end(), {x, y});
  }
  const auto patches = patch_probabilities(*network, pixels, points);
  float lowest = 1;
  float highest = 0;
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const auto at = static_cast<std::size_t>(points[2 * i + 1] / 4 * 75 + points[2 * i] / 4);
    EXPECT_NEAR(patches[i], map[at], 1e-4);
    lowest = std::min(lowest, map[at]);
    highest = std::max(highest, map[at]);
  }
  EXPECT_GT(highest - lowest, 1e-3) << "the map is flat: the test would pass for any offset";
}

TEST(Network, OnAnAcceleratorGivesNearlyTheSameMap) {
  if (!backend().has_cuda()) GTEST_SKIP() << "needs a CUDA device";
  const auto architecture = table2(0.6);
  const auto tensors = initial_tensors(architecture, 3, "test");
  const auto rgb = noise(1200, 900);
  const auto map = [&](Device device, Precision precision) {
    return dense_probabilities(*backend().network(architecture, tensors, device, precision),
                               {{0, 0, 1200, 900}, rgb}, {0, 0, 1200, 900},
                               [](const Rect&) { return true; });
  };
  const auto expected = map(Device::Cpu, Precision::Float32);
  EXPECT_THAT(map(Device::Cuda, Precision::Float32),
              testing::Pointwise(testing::FloatNear(1e-4F), expected));
  EXPECT_THAT(map(Device::Cuda, Precision::Mixed),
              testing::Pointwise(testing::FloatNear(5e-3F), expected));
}

void check_independence(const Architecture& architecture) {
  const auto network =
      backend().network(architecture, initial_tensors(architecture, 3, "test"), Device::Cpu);
  const auto rgb = noise(200, 200);
  const PixelView pixels{{0, 0, 200, 200}, rgb};
  std::vector<std::int64_t> points;
  for (std::int64_t i = 0; i < 21; ++i) points.insert(points.end(), {60 + 3 * i, 140 - 2 * i});

  const auto together = patch_probabilities(*network, pixels, points);

  for (std::size_t i = 0; i < together.size(); ++i) {
    const auto alone = patch_probabilities(*network, pixels, std::span(points).subspan(2 * i, 2));
    EXPECT_EQ(alone.front(), together[i]) << i;
  }
}

TEST(Network, PatchValueDoesNotDependOnTheOtherPatches) { check_independence(table2(0.25)); }

TEST(Network, PatchValueOfCnn12DoesNotDependOnTheOtherPatches) {
  check_independence(cnn12(0.25));
  check_independence(cnn12(0.0625));
}

TEST(Network, GivesTheSameBitsFromSeveralThreads) {
  const auto architecture = table2(kNarrow);
  const auto network =
      backend().network(architecture, initial_tensors(architecture, 3, "test"), Device::Cpu);
  const auto rgb = noise(200, 200);
  const auto expected = network->dense(rgb, 200, 200);

  std::vector<std::vector<float>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results)
      threads.emplace_back([&] { result = network->dense(rgb, 200, 200); });
  }

  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(Network, ErrorsCrossTheLibraryBoundaryAsDataErrors) {
  const auto architecture = table2(kNarrow);
  const auto network =
      backend().network(architecture, initial_tensors(architecture, 3, "test"), Device::Cpu);
  try {
    static_cast<void>(network->dense(std::vector<std::uint8_t>(12), 2, 2));
    FAIL() << "a block of 2 x 2 px was accepted";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("at least 97 x 97"));
  }
}

TEST(Network, RefusesTensorsOfAnotherArchitecture) {
  EXPECT_THROW(
      backend().network(table2(0.125), initial_tensors(table2(kNarrow), 1, "t"), Device::Cpu),
      DataError);
}

// --- gradients against finite differences of an independent forward pass in double precision ----

struct Plane {
  std::int64_t channels = 0;
  std::int64_t side = 0;
  std::vector<double> values;
  double at(std::int64_t c, std::int64_t y, std::int64_t x) const {
    return values[static_cast<std::size_t>((c * side + y) * side + x)];
  }
};

using Doubles = std::map<std::string, std::vector<double>>;

Plane convolve(const Plane& in,
               const std::vector<double>& weight,
               const std::vector<double>& bias,
               std::int64_t kernel,
               std::int64_t stride) {
  Plane out{std::ssize(bias), (in.side - kernel) / stride + 1, {}};
  for (std::int64_t o = 0; o < out.channels; ++o) {
    for (std::int64_t y = 0; y < out.side; ++y) {
      for (std::int64_t x = 0; x < out.side; ++x) {
        double sum = bias[static_cast<std::size_t>(o)];
        std::size_t w = static_cast<std::size_t>(o * in.channels * kernel * kernel);
        for (std::int64_t c = 0; c < in.channels; ++c) {
          for (std::int64_t ky = 0; ky < kernel; ++ky) {
            for (std::int64_t kx = 0; kx < kernel; ++kx)
              sum += weight[w++] * in.at(c, y * stride + ky, x * stride + kx);
          }
        }
        out.values.push_back(sum);
      }
    }
  }
  return out;
}

void activate(Plane& x, double slope) {
  for (auto& v : x.values) v = v > 0 ? v : slope * v;
}

Plane pool(const Plane& in) {
  Plane out{in.channels, in.side / 2, {}};
  for (std::int64_t c = 0; c < out.channels; ++c) {
    for (std::int64_t y = 0; y < out.side; ++y) {
      for (std::int64_t x = 0; x < out.side; ++x)
        out.values.push_back(
            std::max({in.at(c, 2 * y, 2 * x), in.at(c, 2 * y, 2 * x + 1),
                      in.at(c, 2 * y + 1, 2 * x), in.at(c, 2 * y + 1, 2 * x + 1)}));
    }
  }
  return out;
}

Plane layer(
    const Doubles& p, const std::string& name, const Plane& in, std::int64_t kernel, int stride) {
  return convolve(in, p.at(name + ".weight"), p.at(name + ".bias"), kernel, stride);
}

Plane table2_features(const Doubles& p, Plane x) {
  for (int i = 1; i <= 9; ++i) {
    x = layer(p, "conv" + std::to_string(i), x, i == 9 ? 14 : 3, i == 2 || i == 4 ? 2 : 1);
    activate(x, 0.01);
  }
  return x;
}

Plane cnn12_features(const Doubles& p, Plane x) {
  for (int i = 1; i <= 5; ++i) {
    x = layer(p, "conv" + std::to_string(i), x, 3, 1);
    activate(x, 0);
    x = pool(x);
  }
  x = layer(p, "dense", x, 1, 1);
  activate(x, 0);
  return x;
}

double reference_loss(Family family,
                      const Doubles& p,
                      const std::vector<std::vector<double>>& patches,
                      const std::vector<float>& dropout,
                      const std::vector<std::uint8_t>& labels) {
  std::vector<double> logits;
  for (std::size_t i = 0; i < patches.size(); ++i) {
    Plane x{3, kPatch, patches[i]};
    x = family == Family::Table2 ? table2_features(p, x) : cnn12_features(p, x);
    for (std::size_t f = 0; f < x.values.size(); ++f)
      x.values[f] *= static_cast<double>(dropout[i * x.values.size() + f]);
    const auto out = layer(p, "output", x, 1, 1);
    logits.insert(logits.end(), out.values.begin(), out.values.end());
  }
  return cross_entropy(logits, labels).value;
}

void check_gradients(const Architecture& architecture) {
  const auto start = initial_tensors(architecture, 5, "test");
  RandomStream random(1, "patches", 0);
  std::vector<float> patches(2 * kNumbers);
  for (auto& v : patches) v = static_cast<float>(random.uniform());
  const auto features = static_cast<std::size_t>(architecture.features());
  std::vector<float> dropout(2 * features);
  for (auto& v : dropout) v = random.uniform() < 0.5 ? 0.0F : 2.0F;
  const std::vector<std::uint8_t> labels{1, 0};

  const auto learner = backend().learner(architecture, start, Device::Cpu);
  const auto logits = learner->forward(patches, 2, dropout);
  const auto loss = cross_entropy(std::vector<double>(logits.begin(), logits.end()), labels);
  learner->backward(std::vector<float>(loss.gradient.begin(), loss.gradient.end()));
  const auto gradients = learner->gradients();

  Doubles p;
  for (const auto& [name, array] : start) {
    const auto values = array.as<float>();
    p[name] = {values.begin(), values.end()};
  }
  const std::vector<std::vector<double>> inputs{{patches.begin(), patches.begin() + kNumbers},
                                                {patches.begin() + kNumbers, patches.end()}};
  EXPECT_NEAR(reference_loss(architecture.family, p, inputs, dropout, labels), loss.value, 1e-5);
  constexpr double kStep = 1e-6;
  for (auto& [name, values] : p) {
    for (const std::size_t i : {std::size_t{0}, values.size() / 2, values.size() - 1}) {
      const double kept = values[i];
      values[i] = kept + kStep;
      const double above = reference_loss(architecture.family, p, inputs, dropout, labels);
      values[i] = kept - kStep;
      const double below = reference_loss(architecture.family, p, inputs, dropout, labels);
      values[i] = kept;
      EXPECT_NEAR(static_cast<double>(gradients.at(name).as<float>()[i]),
                  (above - below) / (2 * kStep), 1e-5)
          << name << " " << i;
    }
  }
}

// Method 15.12, for both families.
TEST(Learner, GradientsEqualFiniteDifferencesInDoublePrecision) {
  check_gradients(table2(kNarrow));
}

TEST(Learner, GradientsOfCnn12EqualFiniteDifferencesInDoublePrecision) {
  check_gradients(cnn12(kNarrow / 2));
}

void check_overfitting(const Architecture& architecture) {
  // Dark discs against rings on noise: not separable by mean colour.
  constexpr std::int64_t kCount = 64;
  RandomStream random(2, "discs", 0);
  std::vector<float> patches(kCount * kNumbers);
  std::vector<std::uint8_t> labels;
  for (std::int64_t i = 0; i < kCount; ++i) {
    labels.push_back(i % 2 == 0 ? 1 : 0);
    const double inner = labels.back() != 0 ? 0 : 8;
    const double outer = labels.back() != 0 ? 9 : 12.04;
    for (std::int64_t y = 0; y < kPatch; ++y) {
      for (std::int64_t x = 0; x < kPatch; ++x) {
        const double r = std::hypot(static_cast<double>(x - 50), static_cast<double>(y - 50));
        const double value = (r >= inner && r < outer ? 0.2 : 0.8) + random.uniform(-0.1, 0.1);
        for (std::int64_t c = 0; c < 3; ++c)
          patches[static_cast<std::size_t>(((i * 3 + c) * kPatch + y) * kPatch + x)] =
              static_cast<float>(value);
      }
    }
  }
  const auto learner =
      backend().learner(architecture, initial_tensors(architecture, 1, "test"), Device::Cpu);

  double loss = 1;
  int steps = 0;
  for (; steps < 200 && loss >= 0.05; ++steps) {
    const auto logits = learner->forward(patches, kCount, {});
    const auto result = cross_entropy(std::vector<double>(logits.begin(), logits.end()), labels);
    loss = result.value;
    learner->backward(std::vector<float>(result.gradient.begin(), result.gradient.end()));
    learner->step(1e-3, 1e-5);
  }

  EXPECT_LT(loss, 0.05) << "after " << steps << " steps";
}

TEST(Learner, OverfitsSixtyFourPatches) { check_overfitting(table2(0.125)); }

TEST(Learner, OverfitsSixtyFourPatchesWithCnn12) { check_overfitting(cnn12(0.125)); }

TEST(Learner, GivesTheLogitsOfTheNetworkWithItsWeights) {
  for (const auto& architecture : {table2(kNarrow), cnn12(kNarrow)}) {
    const auto start = initial_tensors(architecture, 1, "test");
    RandomStream random(1, "patches", 0);
    std::vector<float> patches(2 * kNumbers);
    for (auto& v : patches) v = static_cast<float>(random.uniform());

    const auto logits = backend().learner(architecture, start, Device::Cpu)->predict(patches, 2);

    EXPECT_EQ(logits, backend().network(architecture, start, Device::Cpu)->logits(patches, 2));
  }
}

/// Two steps with a batch that does not fill its last shard; the state after them.
Tensors two_steps(const Architecture& architecture, const LearnerOptions& options = {}) {
  constexpr std::int64_t kCount = 40;
  RandomStream random(1, "patches", 0);
  std::vector<float> patches(kCount * kNumbers);
  for (auto& v : patches) v = static_cast<float>(random.uniform());
  std::vector<float> dropout(static_cast<std::size_t>(kCount * architecture.features()));
  for (auto& v : dropout) v = random.uniform() < 0.5 ? 0.0F : 2.0F;
  std::vector<double> target;
  for (std::int64_t i = 0; i < kCount; ++i) target.push_back(random.uniform());
  const auto learner = backend().learner(architecture, initial_tensors(architecture, 1, "test"),
                                         Device::Cpu, options);
  for (int step = 0; step < 2; ++step) {
    const auto logits = learner->forward(patches, kCount, dropout);
    const auto loss = soft_cross_entropy(std::vector<double>(logits.begin(), logits.end()), target);
    learner->backward(std::vector<float>(loss.gradient.begin(), loss.gradient.end()));
    learner->step(1e-3, 1e-5);
  }
  auto out = learner->state();
  const auto predicted = learner->predict(patches, kCount);
  out["predicted"] = Array::of(predicted);
  return out;
}

TEST(Learner, GivesTheSameBitsOnAnyNumberOfThreads) {
  const oneapi::tbb::global_control four(oneapi::tbb::global_control::max_allowed_parallelism, 4);
  for (const auto& architecture : {table2(0.125), cnn12(0.125)}) {
    oneapi::tbb::task_arena one(1);
    const auto expected = one.execute([&] { return two_steps(architecture); });
    for (const int threads : {2, 4}) {
      oneapi::tbb::task_arena arena(threads);
      EXPECT_EQ(arena.execute([&] { return two_steps(architecture); }), expected) << threads;
    }
    const LearnerOptions normalised{.batch_norm = true};
    const auto with = one.execute([&] { return two_steps(architecture, normalised); });
    oneapi::tbb::task_arena arena(3);
    EXPECT_EQ(arena.execute([&] { return two_steps(architecture, normalised); }), with);
    EXPECT_NE(with.at("predicted"), expected.at("predicted"));
  }
}

// Two batches of noise, the second of another brightness, in a learner's own steps.
struct Noise {
  std::vector<float> patches;
  std::vector<double> target;

  explicit Noise(std::int64_t count, double low = 0) {
    RandomStream random(4, "patches", 0);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count) * kNumbers; ++i)
      patches.push_back(static_cast<float>(random.uniform(low, 1)));
    for (std::int64_t i = 0; i < count; ++i) target.push_back(random.uniform());
  }
  std::int64_t count() const { return std::ssize(target); }

  double loss(Learner& learner, bool backward) const {
    const auto logits = learner.forward(patches, count(), {});
    const auto out = soft_cross_entropy(std::vector<double>(logits.begin(), logits.end()), target);
    if (backward) learner.backward(std::vector<float>(out.gradient.begin(), out.gradient.end()));
    return out.value;
  }
};

double largest_difference(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  double out = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    out = std::max(out, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return out;
}

TEST(BatchNorm, GradientsEqualFiniteDifferences) {
  for (const auto& architecture : {table2(kNarrow), cnn12(kNarrow)}) {
    const Noise batch(20);  // a shard of 16 and one of 4
    const auto learner = backend().learner(architecture, initial_tensors(architecture, 5, "test"),
                                           Device::Cpu, {.batch_norm = true});
    batch.loss(*learner, true);
    const auto gradients = learner->gradients();
    const auto state = learner->state();
    for (const std::string name :
         {"conv1.scale", "conv2.bias", "conv3.weight", "conv4.scale", "conv5.scale"}) {
      const auto gradient = gradients.at(name).as<float>();
      const auto at = static_cast<std::size_t>(
          std::ranges::max_element(gradient, {}, [](float g) { return std::abs(g); }) -
          gradient.begin());
      const auto loss_with = [&](double change) {
        auto changed = state;
        auto& array = changed.at("weight." + name);
        std::vector<float> values(array.as<float>().begin(), array.as<float>().end());
        values[at] += static_cast<float>(change);
        array = Array::of(values, array.shape);
        learner->restore(changed);
        return batch.loss(*learner, false);
      };
      constexpr double kStep = 1e-3;
      const double expected = (loss_with(kStep) - loss_with(-kStep)) / (2 * kStep);
      EXPECT_NEAR(static_cast<double>(gradient[at]), expected, 0.05 * std::abs(expected) + 2e-4)
          << name_of(architecture.family) << " " << name;
    }
  }
}

TEST(BatchNorm, WeightsAreTheNetworkThatPredicts) {
  const auto architecture = table2(kNarrow);
  const auto learner = backend().learner(architecture, initial_tensors(architecture, 5, "test"),
                                         Device::Cpu, {.batch_norm = true});
  const Noise batch(20);
  for (int step = 0; step < 3; ++step) {
    batch.loss(*learner, true);
    learner->step(1e-2, 0);
  }
  const Noise others(8, 0.5);
  const auto network = backend().network(architecture, learner->weights(), Device::Cpu);
  const auto predicted = learner->predict(others.patches, others.count());
  EXPECT_LT(largest_difference(network->logits(others.patches, others.count()), predicted), 1e-5);
}

// A batch has its positives first. Normalised within shards of one class, the network would know
// the class from the shard, and have learnt nothing for a patch on its own.
TEST(BatchNorm, AShardTellsNothingOfTheClass) {
  const auto architecture = table2(kNarrow);
  const auto learner = backend().learner(architecture, initial_tensors(architecture, 5, "test"),
                                         Device::Cpu, {.batch_norm = true});
  Noise batch(64);
  for (std::size_t i = 0; i < batch.patches.size() / 2; ++i) batch.patches[i] *= 0.4F;

  const auto trained = learner->forward(batch.patches, batch.count(), {});
  const auto alone = learner->predict(batch.patches, batch.count());

  double spread = 0;
  for (std::size_t i = 0; i < 32; ++i)
    spread +=
        std::abs(static_cast<double>(alone[2 * i]) - static_cast<double>(alone[64 + 2 * i])) / 32;
  EXPECT_LT(largest_difference(trained, alone), spread)
      << "what it says in training is not what it says of a patch alone";
}

TEST(BatchNorm, BeginsWithTheFunctionOfATrainedNetwork) {
  const auto architecture = table2(kNarrow);
  const auto start = initial_tensors(architecture, 5, "test");
  const Noise batch(20);
  const auto expected =
      backend().network(architecture, start, Device::Cpu)->logits(batch.patches, batch.count());
  for (const bool trained : {true, false}) {
    const auto learner = backend().learner(architecture, start, Device::Cpu,
                                           {.batch_norm = true, .trained = trained});
    EXPECT_EQ(learner->weights(), start) << "nothing has been seen yet";
    batch.loss(*learner, false);
    const double difference =
        largest_difference(learner->predict(batch.patches, batch.count()), expected);
    if (trained) {
      EXPECT_LT(difference, 1e-4);
    } else {
      EXPECT_GT(difference, 1e-2);
    }
  }
}

TEST(BatchNorm, GoesOnFromAStateBitForBit) {
  const auto architecture = table2(kNarrow);
  const auto start = initial_tensors(architecture, 5, "test");
  const LearnerOptions options{.batch_norm = true, .trained = true};
  const Noise batch(20);
  const auto whole = backend().learner(architecture, start, Device::Cpu, options);
  const auto second = backend().learner(architecture, start, Device::Cpu, options);
  for (int step = 0; step < 4; ++step) {
    batch.loss(*whole, true);
    whole->step(1e-2, 1e-5);
    if (step == 1) second->restore(whole->state());
    if (step < 2) continue;
    batch.loss(*second, true);
    second->step(1e-2, 1e-5);
  }
  EXPECT_EQ(second->state(), whole->state());
  auto torn = whole->state();
  torn.erase("variance.conv3");
  EXPECT_THROW(second->restore(torn), DataError);
}

// On the CPU the 16-bit numbers are bfloat16: 8 bits of mantissa, which also make the pooling of
// cnn12 pick other pixels of this noise.
TEST(Learner, InMixedPrecisionStaysNearFloat32) {
  for (const auto& architecture : {table2(kNarrow), cnn12(kNarrow)}) {
    const auto exact = two_steps(architecture);
    const auto mixed = two_steps(architecture, {.precision = Precision::Mixed});
    double dot = 0;
    double a2 = 0;
    double b2 = 0;
    for (const auto& spec : tensor_specs(architecture)) {
      const auto a = exact.at("moment1." + spec.name).as<float>();
      const auto b = mixed.at("moment1." + spec.name).as<float>();
      for (std::size_t i = 0; i < a.size(); ++i) {
        dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
        a2 += static_cast<double>(a[i]) * static_cast<double>(a[i]);
        b2 += static_cast<double>(b[i]) * static_cast<double>(b[i]);
      }
    }
    EXPECT_GT(dot / std::sqrt(a2 * b2), 0.95) << name_of(architecture.family);
    EXPECT_NEAR(std::sqrt(b2 / a2), 1, 0.05) << name_of(architecture.family);
    EXPECT_NE(dot, a2) << "nothing was rounded";
  }
}

TEST(Learner, RefusesAStateOfAnotherNetwork) {
  const auto wide =
      backend().learner(table2(0.125), initial_tensors(table2(0.125), 1, "t"), Device::Cpu);
  const auto narrow =
      backend().learner(table2(kNarrow), initial_tensors(table2(kNarrow), 1, "t"), Device::Cpu);

  EXPECT_THROW(narrow->restore(wide->state()), DataError);
}

}  // namespace
}  // namespace mito::nn
