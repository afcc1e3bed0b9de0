// bench train: samples per second of a training step, against the same network written plainly.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

#include <CLI/CLI.hpp>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/random.h"
#include "engine/nn/backend.h"
#include "tools/bench/bench_commands.h"
#include "tools/bench/plain_step.h"

namespace mito::bench {
namespace {

constexpr std::int64_t kBatch = 64;
constexpr double kLearningRate = 1e-3;
constexpr double kL2 = 1e-5;

struct Batch {
  std::vector<float> patches;
  std::vector<float> dropout;
  std::vector<float> target;
};

Batch drawn(const nn::Architecture& architecture) {
  Batch out;
  RandomStream random(1, "bench", 0);
  out.patches.resize(static_cast<std::size_t>(kBatch * 3 * nn::kPatch * nn::kPatch));
  for (auto& v : out.patches) v = static_cast<float>(random.uniform());
  out.dropout.resize(static_cast<std::size_t>(kBatch * architecture.features()));
  for (auto& v : out.dropout) v = random.uniform() < 0.5 ? 0.0F : 2.0F;
  for (std::int64_t i = 0; i < kBatch; ++i) out.target.push_back(i % 2 == 0 ? 1.0F : 0.0F);
  return out;
}

double own_step(nn::Learner& learner, const Batch& batch) {
  const auto logits = learner.forward(batch.patches, kBatch, batch.dropout);
  const auto loss =
      nn::soft_cross_entropy(std::vector<double>(logits.begin(), logits.end()),
                             std::vector<double>(batch.target.begin(), batch.target.end()));
  learner.backward(std::vector<float>(loss.gradient.begin(), loss.gradient.end()));
  learner.step(kLearningRate, kL2);
  return loss.value;
}

/// Wall and processor seconds of one call, and the loss it gave.
struct Took {
  double wall = 0;
  double processor = 0;
  double loss = 0;
};

template <class F>
Took timed(F&& step) {
  const auto wall = std::chrono::steady_clock::now();
  const auto processor = std::clock();
  const double loss = step();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count(),
          static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC, loss};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Rates of both in turns: a median, so that other load on the machine counts little.
void compare(double width, int rounds, int threads) {
  const auto architecture = nn::table2(width);
  const auto weights = nn::initial_tensors(architecture, 1, "bench");
  const auto batch = drawn(architecture);
  const auto learner = nn::backend().learner(architecture, weights, nn::Device::Cpu);
  PlainStep plain(architecture, weights, kLearningRate, kL2, threads);
  std::vector<double> own_wall;
  std::vector<double> own_processor;
  std::vector<double> plain_wall;
  std::vector<double> plain_processor;
  Took own;
  Took other;
  for (int round = -1; round < rounds; ++round) {  // the first warms the memory up
    own = timed([&] { return own_step(*learner, batch); });
    other = timed([&] { return plain.step(batch.patches, kBatch, batch.dropout, batch.target); });
    if (round < 0) {
      fmt::print("{:<8} first loss: {:.6f} here, {:.6f} plain\n", width, own.loss, other.loss);
      continue;
    }
    own_wall.push_back(own.wall);
    own_processor.push_back(own.processor);
    plain_wall.push_back(other.wall);
    plain_processor.push_back(other.processor);
  }
  const auto line = [&](const char* name, double a, double b) {
    fmt::print("{:<8} {:<10} {:>10.1f} {:>10.1f} {:>8.2f}\n", width, name, kBatch / a, kBatch / b,
               b / a);
  };
  line("wall", median(own_wall), median(plain_wall));
  line("processor", median(own_processor), median(plain_processor));
}

}  // namespace

void add_train(CLI::App& app) {
  auto* command = app.add_subcommand(
      "train", "Samples per second of a training step, batch 64, against the plain network.");
  static std::vector<double> widths{0.25, 0.6, 1.0};
  static int rounds = 7;
  static int threads = oneapi::tbb::info::default_concurrency();
  command->add_option("--width", widths, "Width factors (gamma).");
  command->add_option("--rounds", rounds, "Steps of each, in turns; the median counts.")
      ->check(CLI::PositiveNumber);
  command->add_option("--threads", threads, "Threads of both.")->check(CLI::PositiveNumber);
  command->callback([] {
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                            static_cast<std::size_t>(threads));
    oneapi::tbb::task_arena arena(threads);
    fmt::print("{}; {} threads; {}; samples/s, medians of {} steps\n", processor(), threads,
               nn::backend().description(), rounds);
    fmt::print("{:<8} {:<10} {:>10} {:>10} {:>8}\n", "gamma", "", "here", "plain", "ratio");
    arena.execute([] {
      for (const double width : widths) compare(width, rounds, threads);
    });
  });
}

}  // namespace mito::bench
