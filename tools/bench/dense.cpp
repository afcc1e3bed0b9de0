// bench dense: dense maps by own kernels and by LibTorch, in turns.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "tools/bench/commands.h"
#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/random.h"
#include "engine/nn/backend.h"
#include "engine/nn/dense/head.h"
#include "engine/nn/dense/transform.h"
#include "engine/nn/fft_network.h"

namespace mito::bench {
namespace {

struct Options {
  std::vector<double> widths{0.25, 0.6, 1.0};
  std::int64_t tile_px = 4192;
  int rounds = 5;
  std::int64_t filter_memory_mib = 1536;
  double most_seconds = 60;
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

/// A network on a map of outputs x outputs, of which it is measured how long it takes.
struct Contender {
  const nn::Network& network;
  std::int64_t outputs;

  /// Processor seconds per million outputs.
  double run(const std::vector<std::uint8_t>& rgb) const {
    const auto side = side_of(outputs) + network.dense_parts().context_px;
    const auto pixels = std::span(rgb).first(static_cast<std::size_t>(side * side * 3));
    const double start = processor_seconds();
    static_cast<void>(network.dense(pixels, side, side));
    return (processor_seconds() - start) / static_cast<double>(outputs * outputs) * 1e6;
  }
};

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
  double median;
  double lowest;
  double highest;
};

Spread spread(std::vector<double> values) {
  std::ranges::sort(values);
  return {values[values.size() / 2], values.front(), values.back()};
}

/// The largest number of outputs, in whole blocks, that `seconds` per million allow.
std::int64_t fitting(std::int64_t outputs, double seconds, double most_seconds) {
  constexpr std::int64_t kBlock = 64;
  const auto n = static_cast<std::int64_t>(std::sqrt(most_seconds / seconds * 1e6));
  return std::clamp(n / kBlock * kBlock, kBlock, outputs);
}

void compare(const Options& options, double width, double peak) {
  const auto architecture = nn::table2(width);
  const auto tensors = nn::initial_tensors(architecture, 1, "bench");
  const nn::FftNetwork fft(architecture, tensors, options.filter_memory_mib);
  const auto torch = nn::backend().network(architecture, tensors, nn::Device::Cpu);
  const auto side = nn::dense::transform_side(
      architecture, static_cast<std::size_t>(options.filter_memory_mib) << 20);

  const auto most = nn::dense_outputs(options.tile_px);
  Contender own{fft, most};
  Contender other{*torch, std::min<std::int64_t>(most, 128)};
  const auto rgb = noise(side_of(most) + fft.dense_parts().context_px);
  const double share = options.most_seconds / (2 * options.rounds + 2);
  own.outputs = fitting(most, Contender{fft, std::min<std::int64_t>(most, 256)}.run(rgb), share);
  other.outputs = fitting(most, other.run(rgb), share);
  own.run(rgb);  // memory of the right size

  std::vector<double> own_times;
  std::vector<double> other_times;
  std::vector<double> ratios;
  for (int round = 0; round < options.rounds; ++round) {
    own_times.push_back(own.run(rgb));
    other_times.push_back(other.run(rgb));
    ratios.push_back(other_times.back() / own_times.back());
  }
  const double products = fft_products(architecture, side);
  const double direct = direct_products(architecture);
  const auto line = [&](const char* name, const Contender& c, const std::vector<double>& times,
                        double operations) {
    const auto t = spread(times);
    fmt::print("{:<6} {:<6} {:>6} {:>8.2f} {:>8.2f} {:>8.2f} {:>9.2f} {:>11.3f} {:>9.0f}\n", width,
               name, side_of(c.outputs), t.median, t.lowest, t.highest, 16 / t.median,
               operations / 1e6, 100 * 2 * operations / t.median / 1e3 / peak);
  };
  line("fft", own, own_times, products);
  line("torch", other, other_times, direct);
  const auto r = spread(ratios);
  fmt::print("{:<6} ratio  {:.1f} ({:.1f} to {:.1f}); transforms of {} px\n", width, r.median,
             r.lowest, r.highest, side);
  std::fflush(stdout);
}

void run(const Options& options) {
  const double peak = peak_gflops();
  fmt::print("{}; kernels for {}; peak {:.0f} GFLOP/s per core; {}; one thread\n", processor(),
             instruction_set(), peak, nn::backend().description());
  fmt::print("s of processor time per million outputs, medians of {} runs in turns\n",
             options.rounds);
  fmt::print("{:<6} {:<6} {:>6} {:>8} {:>8} {:>8} {:>9} {:>11} {:>9}\n", "gamma", "", "tile",
             "median", "lowest", "highest", "Mpx/s", "MMAC/output", "% of peak");
  for (const double width : options.widths) compare(options, width, peak);
}

}  // namespace

void add_dense(CLI::App& app) {
  auto* command =
      app.add_subcommand("dense", "Dense maps by own kernels (backend fft) against LibTorch.");
  static Options options;
  command->add_option("--width", options.widths, "Width factors (gamma).");
  command->add_option("--tile", options.tile_px, "Side of the tile in px; smaller where slow.")
      ->check(CLI::Range(353, 16384));
  command->add_option("--rounds", options.rounds, "Runs of each, in turns; the median counts.")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--filter-memory", options.filter_memory_mib,
                   "Memory for the filters in MiB, as of node cnn_dense.")
      ->check(CLI::PositiveNumber);
  command->add_option("--seconds", options.most_seconds, "Most for one width factor and backend.")
      ->check(CLI::PositiveNumber);
  command->callback([] { run(options); });
}

}  // namespace mito::bench
