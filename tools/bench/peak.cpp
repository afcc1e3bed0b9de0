// The most multiplications and additions per second that a core does: what a kernel is held
// against.
#include <algorithm>

#undef HWY_TARGET_INCLUDE
// NOLINTNEXTLINE(readability-identifier-naming): Highway names it
#define HWY_TARGET_INCLUDE "tools/bench/peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tools/bench/bench_commands.h"

HWY_BEFORE_NAMESPACE();
namespace mito::bench::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

const char* target_name() { return hwy::TargetName(HWY_TARGET); }

/// Floating point operations of `rounds` rounds on twelve independent sums, which hide the latency.
/// They differ, or the compiler would make one of them.
double multiply_and_add(std::size_t rounds, float* out) {
  const hn::CappedTag<float, 16> d;
  const auto factor = hn::Set(d, 0.999F);
  const auto term = hn::Set(d, 0.001F);
  auto a = hn::Set(d, 0.1F);
  auto b = hn::Set(d, 0.2F);
  auto c = hn::Set(d, 0.3F);
  auto e = hn::Set(d, 0.4F);
  auto f = hn::Set(d, 0.5F);
  auto g = hn::Set(d, 0.6F);
  auto h = hn::Set(d, 0.7F);
  auto i = hn::Set(d, 0.8F);
  auto j = hn::Set(d, 0.9F);
  auto k = hn::Set(d, 1.0F);
  auto l = hn::Set(d, 1.1F);
  auto m = hn::Set(d, 1.2F);
  for (std::size_t n = 0; n < rounds; ++n) {
    a = hn::MulAdd(a, factor, term);
    b = hn::MulAdd(b, factor, term);
    c = hn::MulAdd(c, factor, term);
    e = hn::MulAdd(e, factor, term);
    f = hn::MulAdd(f, factor, term);
    g = hn::MulAdd(g, factor, term);
    h = hn::MulAdd(h, factor, term);
    i = hn::MulAdd(i, factor, term);
    j = hn::MulAdd(j, factor, term);
    k = hn::MulAdd(k, factor, term);
    l = hn::MulAdd(l, factor, term);
    m = hn::MulAdd(m, factor, term);
  }
  const auto sum = hn::Add(
      hn::Add(hn::Add(a, b), hn::Add(c, e)),
      hn::Add(hn::Add(hn::Add(f, g), hn::Add(h, i)), hn::Add(hn::Add(j, k), hn::Add(l, m))));
  hn::StoreU(sum, d, out);
  return 2.0 * 12 * static_cast<double>(rounds) * static_cast<double>(hn::Lanes(d));
}

}  // namespace
}  // namespace mito::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mito::bench {
namespace {
HWY_EXPORT(multiply_and_add);
HWY_EXPORT(target_name);
}  // namespace

double peak_gflops() {
  constexpr std::size_t kRounds = 4'000'000;
  float out[16];
  double best = 0;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const double start = processor_seconds();
    const double operations = HWY_DYNAMIC_DISPATCH(multiply_and_add)(kRounds, out);
    best = std::max(best, operations / (processor_seconds() - start) / 1e9);
  }
  return best;
}

std::string instruction_set() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

}  // namespace mito::bench
#endif
