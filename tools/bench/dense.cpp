// bench dense: dense maps by own kernels and by others, in turns; and on several threads.
#include "engine/nn/dense.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/random.h"
#include "engine/nn/backend.h"
#include "engine/nn/dense/head.h"
#include "engine/nn/dense/transform.h"
#include "engine/nn/fft_network.h"
#include "tools/bench/bench_commands.h"
#include "tools/bench/opencv_network.h"

namespace mito::bench {
namespace {

struct DenseOptions {
  std::vector<double> widths{0.25, 0.6, 1.0};
  std::int64_t tile_px = 4192;
  int rounds = 5;
  std::int64_t filter_memory_mib = 1536;
  double most_seconds = 60;
  int threads = 2;
};

std::int64_t side_of(std::int64_t outputs) {
  return (outputs - 1) * nn::kStride + nn::kReceptiveField;
}

std::vector<std::uint8_t> noise(std::int64_t side) {
  RandomStream random(1, "bench", 0);
  std::vector<std::uint8_t> out(static_cast<std::size_t>(side * side * 3));
  for (auto& v : out) v = static_cast<std::uint8_t>(random.below(256));
  return out;
}

using Bytes = std::vector<std::uint8_t>;

/// A way to make a map of outputs x outputs, of which it is measured how long it takes.
struct Contender {
  std::string name;
  std::function<void(std::int64_t outputs)> make;
  std::int64_t outputs;
  double products = 0;  ///< Per output; 0: not known.
  std::vector<double> times{};

  /// Processor seconds per million outputs.
  double run() const {
    const double start = processor_seconds();
    make(outputs);
    return (processor_seconds() - start) / static_cast<double>(outputs * outputs) * 1e6;
  }
};

/// The map of a whole block at once.
auto whole(const nn::Network& network, const Bytes& rgb) {
  return [&network, &rgb](std::int64_t outputs) {
    const auto side = side_of(outputs) + network.dense_parts().context_px;
    const auto pixels = std::span(rgb).first(static_cast<std::size_t>(side * side * 3));
    static_cast<void>(network.dense(pixels, side, side));
  };
}

/// One patch per output, in batches of 64.
auto sliding_window(const nn::Network& network, const Bytes& rgb) {
  return [&network, &rgb](std::int64_t outputs) {
    constexpr std::int64_t kBatch = 64;
    constexpr auto kNumbers = 3 * nn::kPatch * nn::kPatch;
    const auto side = side_of(outputs) + nn::kPatch - nn::kReceptiveField;
    const nn::PixelView pixels{{0, 0, side, side},
                               std::span(rgb).first(static_cast<std::size_t>(side * side * 3))};
    std::vector<float> batch(static_cast<std::size_t>(kBatch * kNumbers));
    std::int64_t waiting = 0;
    for (std::int64_t i = 0; i < outputs * outputs; ++i) {
      nn::cut_patch(pixels, i % outputs * nn::kStride + nn::kObjectOffset,
                    i / outputs * nn::kStride + nn::kObjectOffset,
                    std::span(batch).subspan(static_cast<std::size_t>(waiting * kNumbers),
                                             static_cast<std::size_t>(kNumbers)));
      if (++waiting == kBatch || i + 1 == outputs * outputs)
        static_cast<void>(network.logits(
            std::span(batch).first(static_cast<std::size_t>(waiting * kNumbers)), waiting));
      waiting %= kBatch;
    }
  };
}

constexpr std::array<double, 8> kPositions{16, 4, 4, 1, 1, 1, 1, 1};  // of a layer, per output

/// Products per output of the convolutions as Table II has them.
double direct_products(const nn::Architecture& a) {
  double sum = 0;
  double in = 3;
  for (std::size_t i = 0; i < kPositions.size(); ++i) {
    const auto out = static_cast<double>(a.filters[i]);
    sum += kPositions[i] * 9 * in * out;
    in = out;
  }
  return sum + in * static_cast<double>(a.filters[8]) * 14 * 14;
}

/// Products per output of own kernels, without those of the transforms.
double fft_products(const nn::Architecture& a, std::size_t side) {
  constexpr double kWinograd = 36.0 / 16;
  constexpr std::array<double, 8> kProducts{9,         9,         kWinograd, 9,
                                            kWinograd, kWinograd, kWinograd, kWinograd};
  double sum = 0;
  double in = 3;
  for (std::size_t i = 0; i < kPositions.size(); ++i) {
    const auto out = static_cast<double>(a.filters[i]);
    sum += kPositions[i] * kProducts[i] * in * out;
    in = out;
  }
  const auto square = static_cast<double>(side - nn::dense::kTransformMargin);
  const auto frequencies = static_cast<double>(nn::dense::frequencies(side));
  return sum + 3 * frequencies / (square * square) * in * static_cast<double>(a.filters[8]);
}

struct Spread {
  explicit Spread(std::vector<double> values) {
    std::ranges::sort(values);
    median = values[values.size() / 2];
    lowest = values.front();
    highest = values.back();
  }
  double median = 0;
  double lowest = 0;
  double highest = 0;
};

/// The largest number of outputs, in whole blocks of `step`, that `seconds` per million allow.
std::int64_t fitting(const Contender& contender, std::int64_t step, double most_seconds) {
  auto small = contender;
  small.outputs = std::min(contender.outputs, 2 * step);
  const auto n = static_cast<std::int64_t>(std::sqrt(most_seconds / small.run() * 1e6));
  return std::clamp(n / step * step, step, contender.outputs);
}

/// Elapsed seconds of `work`.
template <class Work>
double elapsed(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Maps per second of elapsed time of `threads` threads that each make one, over those of one.
double scaling(const Contender& own, int threads) {
  const auto seconds = [&](int n) {
    return elapsed([&] {
      std::vector<std::jthread> all;
      all.reserve(static_cast<std::size_t>(n));
      for (int i = 0; i < n; ++i) all.emplace_back([&] { own.make(own.outputs); });
    });
  };
  const double alone = seconds(1);
  return threads * alone / seconds(threads);
}

/// Fails when two ways give logits that differ by more than rounding.
void expect_close(std::span<const float> a, std::span<const float> b, const std::string& what) {
  expect_same(std::ranges::equal(a, b, [](float x, float y) { return std::abs(x - y) < 1e-3F; }),
              what);
}

void compare(const DenseOptions& options, double width, double peak) {
  const auto architecture = nn::table2(width);
  const auto tensors = nn::initial_tensors(architecture, 1, "bench");
  const nn::FftNetwork fft(architecture, tensors, options.filter_memory_mib);
  const auto torch = nn::backend().network(architecture, tensors, nn::Device::Cpu);
  const OpencvNetwork opencv(architecture, tensors);
  const auto side = nn::dense::transform_side(
      architecture, static_cast<std::size_t>(options.filter_memory_mib) << 20);
  const auto most = nn::dense_outputs(options.tile_px);
  const auto rgb = noise(side_of(most) + fft.dense_parts().context_px);
  const double direct = direct_products(architecture);

  const auto few = std::span(rgb).first(std::size_t{3} * 353 * 353);
  const auto expected = torch->dense(few, 353, 353);
  expect_close(opencv.run(few, 353), expected, "the logits of OpenCV and LibTorch");

  std::array<Contender, 4> all{{
      {"fft", whole(fft, rgb), most, fft_products(architecture, side)},
      {"LibTorch", whole(*torch, rgb), most, direct},
      {"OpenCV DNN",
       [&](std::int64_t outputs) {
         const auto pixels = side_of(outputs);
         opencv.run(std::span(rgb).first(static_cast<std::size_t>(pixels * pixels * 3)), pixels);
       },
       most, direct},
      {"patches of 64", sliding_window(*torch, rgb), most},
  }};
  const double share = options.most_seconds / (options.rounds + 1) / all.size();
  for (auto& contender : all)
    contender.outputs = fitting(contender, contender.products == 0 ? 8 : 64, share);
  const Contender& own = all.front();
  own.make(own.outputs);  // memory of the right size
  for (int round = 0; round < options.rounds; ++round)
    for (auto& contender : all) contender.times.push_back(contender.run());

  for (const auto& contender : all) {
    const Spread t(contender.times);
    std::string share_of_peak;
    if (contender.products > 0)
      share_of_peak = fmt::format("{:>6.3f} {:>5.0f} %", contender.products / 1e6,
                                  100 * 2 * contender.products / t.median / 1e3 / peak);
    std::vector<double> ratios;
    for (std::size_t i = 0; i < own.times.size(); ++i)
      ratios.push_back(contender.times[i] / own.times[i]);
    const Spread r(ratios);
    fmt::print(
        "{:<5} {:<14} {:>5} {:>8.2f} ({:.2f} to {:.2f}) {:>7.3f} {:>14} {:>8.1f} ({:.1f} to "
        "{:.1f})\n",
        width, contender.name, side_of(contender.outputs), t.median, t.lowest, t.highest,
        16 / t.median, share_of_peak, r.median, r.lowest, r.highest);
  }
  static_cast<void>(scaling(own, options.threads));  // memory for each thread
  std::vector<double> ratios;
  ratios.reserve(static_cast<std::size_t>(options.rounds));
  for (int round = 0; round < options.rounds; ++round)
    ratios.push_back(scaling(own, options.threads));
  const Spread r(ratios);
  fmt::print(
      "{:<5} fft on {} threads, a map each: {:.2f} ({:.2f} to {:.2f}) times one; transforms "
      "of {} px\n",
      width, options.threads, r.median, r.lowest, r.highest, side);
  std::fflush(stdout);
}

/// LibTorch on `device`, a batch of blocks of 256 px as a tile of 1024 px has them: elapsed time,
/// and the largest difference to single precision on the CPU.
void on_device(double width, nn::Device device) {
  constexpr std::int64_t kSide = 1024;
  const auto architecture = nn::table2(width);
  const auto tensors = nn::initial_tensors(architecture, 1, "bench");
  const auto rgb = noise(kSide);
  const auto map = [&](const nn::Network& network) {
    return nn::dense_probabilities(network, {{0, 0, kSide, kSide}, rgb}, {0, 0, kSide, kSide},
                                   [](const Rect&) { return true; });
  };
  const auto expected = map(*nn::backend().network(architecture, tensors, nn::Device::Cpu));
  for (const auto precision : {nn::Precision::Float32, nn::Precision::Mixed}) {
    const auto network = nn::backend().network(architecture, tensors, device, precision);
    const auto got = map(*network);
    double difference = 0;
    for (std::size_t i = 0; i < got.size(); ++i)
      difference = std::max(difference, std::abs(static_cast<double>(got[i]) - expected[i]));
    const double seconds = elapsed([&] { map(*network); });
    fmt::print("{:<5} accelerator, {}: {:.3f} s per million outputs, probabilities within {:.1e}\n",
               width, precision == nn::Precision::Mixed ? "mixed" : "float32",
               seconds / static_cast<double>(got.size()) * 1e6, difference);
  }
}

void all_widths(const DenseOptions& options) {
  const double peak = peak_gflops();
  fmt::print("{}; kernels for {}; peak {:.0f} GFLOP/s per core; {}; one thread\n", processor(),
             instruction_set(), peak, nn::backend().description());
  fmt::print(
      "s of processor time per million outputs, medians (lowest to highest) of {} runs in "
      "turns\n",
      options.rounds);
  fmt::print("gamma {:<14} {:>5} {:>8} {:>25} {:>14} {:>22}\n", "", "tile", "time", "Mpx/s",
             "MMAC   of peak", "fft is faster by");
  for (const double width : options.widths) {
    compare(options, width, peak);
    if (nn::backend().has_cuda()) on_device(width, nn::Device::Cuda);
  }
}

}  // namespace

void add_dense(CLI::App& app) {
  auto* command = app.add_subcommand(
      "dense", "Dense maps by own kernels (backend fft) against LibTorch and OpenCV.");
  static DenseOptions options;
  command->add_option("--width", options.widths, "Width factors (gamma).");
  command->add_option("--tile", options.tile_px, "Side of the tile in px; smaller where slow.")
      ->check(CLI::Range(353, 16384));
  command->add_option("--rounds", options.rounds, "Runs of each, in turns; the median counts.")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--filter-memory", options.filter_memory_mib,
                   "Memory for the filters in MiB, as of node cnn_dense.")
      ->check(CLI::PositiveNumber);
  command->add_option("--seconds", options.most_seconds, "Most for one width factor.")
      ->check(CLI::PositiveNumber);
  command->add_option("--threads", options.threads, "Threads that are compared with one.")
      ->check(CLI::Range(2, 256));
  command->callback([] { all_widths(options); });
}

}  // namespace mito::bench
