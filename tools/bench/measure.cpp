#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include "tools/bench/bench_commands.h"

namespace mito::bench {
namespace {

constexpr std::size_t kRepeats = 3;

/// Processor time, so that other load on the machine counts little.
double seconds_of(const Timed& one, int count) {
  const auto start = std::clock();
  one.work(count);
  return static_cast<double>(std::max<std::clock_t>(1, std::clock() - start)) / CLOCKS_PER_SEC;
}

/// How many times fill the given time; the first calls also warm the memory up.
int count_for(const Timed& one, double seconds) {
  constexpr double kLongEnough = 0.02;
  constexpr int kMost = 1 << 24;
  for (int count = 1;; count *= 2) {
    const double took = seconds_of(one, count);
    if (took > kLongEnough || count >= kMost)
      return std::max(1, static_cast<int>(std::lround(count * seconds / took)));
  }
}

}  // namespace

void measure(const std::vector<Timed>& what,
             double seconds,
             const std::string& unit,
             const std::string& against) {
  std::vector<int> counts;
  counts.reserve(what.size());
  for (const auto& one : what) counts.push_back(count_for(one, seconds));
  std::vector<std::array<double, kRepeats>> rates(what.size());
  for (std::size_t repeat = 0; repeat < kRepeats; ++repeat)
    for (std::size_t i = 0; i < what.size(); ++i)
      rates[i][repeat] = counts[i] * what[i].amount / seconds_of(what[i], counts[i]);
  const auto peer = std::ranges::find(what, against, &Timed::name);
  fmt::print("{:<20} {:>12} {:>12} {:>12}   {}\n", "", "median", "lowest", "highest", unit);
  for (std::size_t i = 0; i < what.size(); ++i) {
    std::string ratio;
    if (peer != what.end() && what[i].name != against) {
      auto ratios = rates[i];
      for (std::size_t k = 0; k < kRepeats; ++k)
        ratios[k] /= rates[static_cast<std::size_t>(peer - what.begin())][k];
      std::ranges::sort(ratios);
      ratio = fmt::format("   {:.1f} ({:.1f} to {:.1f}) times {}", ratios[kRepeats / 2],
                          ratios.front(), ratios.back(), against);
    }
    auto sorted = rates[i];
    std::ranges::sort(sorted);
    const int digits = sorted[kRepeats / 2] < 100 ? 2 : 0;
    fmt::print("{:<20} {:>12.{}f} {:>12.{}f} {:>12.{}f}{}\n", what[i].name, sorted[kRepeats / 2],
               digits, sorted.front(), digits, sorted.back(), digits, ratio);
  }
  std::fflush(stdout);
}

std::shared_ptr<double> add_seconds(CLI::App& command) {
  auto seconds = std::make_shared<double>(0.5);
  command.add_option("--seconds", *seconds, "Time per measurement; each is done three times")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 60.0));
  return seconds;
}

void expect_same(bool same, const std::string& what) {
  if (!same) throw std::runtime_error("the two ways differ in " + what);
}

double memory_gbs() {
  const std::vector<std::uint64_t> words(std::size_t{1} << 25, 1);  // 256 MiB: no cache holds it
  double best = 0;
  std::uint64_t sum = 0;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const double start = processor_seconds();
    for (const auto word : words) sum += word;
    best = std::max(best, static_cast<double>(words.size() * sizeof(words[0])) /
                              (processor_seconds() - start) / 1e9);
  }
  return sum == 0 ? 0 : best;  // the sum is used, so it is computed
}

std::string limits() {
  return fmt::format("{}; peak {:.0f} GFLOP/s and {:.1f} GB/s per core; one thread", processor(),
                     peak_gflops(), memory_gbs());
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string processor() {
  std::string name = "unknown processor";
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("model name")) continue;
    name = line.substr(std::min(line.find(':') + 2, line.size()));
    break;
  }
#ifdef __x86_64__
  name += __builtin_cpu_supports("avx2") != 0 ? ", AVX2" : ", no AVX2";
#endif
  return name;
}

}  // namespace mito::bench
