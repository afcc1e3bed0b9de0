// bench candidates: the candidate detector against sorting all dark pixels and taking them
// greedily.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "nodes/detector/candidates/candidate_key.h"
#include "nodes/detector/he_candidates/he_candidates.h"
#include "tools/bench/bench_commands.h"
#include "tools/bench/drawn_tile.h"

namespace mito::bench {
namespace {

using he_candidates::Spot;

constexpr std::int64_t kFieldPx = 2048;
constexpr double kDiameter = 100;  // px: 25 um
constexpr double kMaxIntensity = 0.6;

/// Method 5.1 as it is written.
std::vector<Spot> sort_and_take(const std::vector<std::uint8_t>& rgb) {
  std::vector<image::CandidateKey> keys;
  for (std::int64_t y = 0; y < kFieldPx; ++y)
    for (std::int64_t x = 0; x < kFieldPx; ++x) {
      const auto* at = &rgb[static_cast<std::size_t>((y * kFieldPx + x) * 3)];
      const int intensity = at[0] + at[1] + at[2];
      if (intensity <= kMaxIntensity * 765)
        keys.push_back(image::CandidateKey::of(intensity, x, y));
    }
  std::ranges::sort(keys);
  std::vector<bool> gone(static_cast<std::size_t>(kFieldPx * kFieldPx));
  std::vector<Spot> out;
  const auto reach = static_cast<std::int64_t>(kDiameter / 2);
  for (const auto& key : keys) {
    if (gone[static_cast<std::size_t>(key.y * kFieldPx + key.x)]) continue;
    out.push_back({key.x, key.y, key.intensity});
    for (auto y = std::max<std::int64_t>(0, key.y - reach);
         y <= std::min(kFieldPx - 1, key.y + reach); ++y)
      for (auto x = std::max<std::int64_t>(0, key.x - reach);
           x <= std::min(kFieldPx - 1, key.x + reach); ++x)
        if ((x - key.x) * (x - key.x) + (y - key.y) * (y - key.y) <= reach * reach)
          gone[static_cast<std::size_t>(y * kFieldPx + x)] = true;
  }
  return out;
}

}  // namespace

void measure_candidates(double seconds) {
  const auto rgb = drawn_tile(kFieldPx);
  const auto own = [&] {
    return he_candidates::find_all(rgb, {0, 0, kFieldPx, kFieldPx}, {}, kDiameter, kMaxIntensity);
  };
  const auto found = own();
  expect_same(found == sort_and_take(rgb), "candidates");
  std::uint64_t sum = 0;
  const auto one_pass = [&] {
    for (const auto value : rgb) sum += value;
  };
  fmt::print("{}\n{} x {} px of a drawn slide, {} candidates, the same either way\n", limits(),
             kFieldPx, kFieldPx, found.size());
  const double mpx = static_cast<double>(kFieldPx * kFieldPx) / 1e6;
  measure({timed("detector", own, mpx), timed("one pass", one_pass, mpx),
           timed(
               "sort and take", [&] { return sort_and_take(rgb); }, mpx)},
          seconds, "Mpx/s per core", "sort and take");
  fmt::print("(one pass: all bytes added up; {})\n", sum % 10);
}

}  // namespace mito::bench
