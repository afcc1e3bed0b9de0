#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>

#include "tools/bench/commands.h"
#include <spdlog/fmt/fmt.h>

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

void measure(const std::vector<Timed>& what, double seconds, const std::string& unit) {
  std::vector<int> counts;
  counts.reserve(what.size());
  for (const auto& one : what) counts.push_back(count_for(one, seconds));
  std::vector<std::array<double, kRepeats>> rates(what.size());
  for (std::size_t repeat = 0; repeat < kRepeats; ++repeat)
    for (std::size_t i = 0; i < what.size(); ++i)
      rates[i][repeat] = counts[i] / seconds_of(what[i], counts[i]);
  fmt::print("{:<16} {:>12} {:>12} {:>12}   {}\n", "", "median", "lowest", "highest", unit);
  for (std::size_t i = 0; i < what.size(); ++i) {
    std::ranges::sort(rates[i]);
    fmt::print("{:<16} {:>12.0f} {:>12.0f} {:>12.0f}\n", what[i].name, rates[i][1], rates[i][0],
               rates[i][2]);
  }
  std::fflush(stdout);
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
