#include "tools/diff/detections.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "engine/stats/matching.h"

namespace mito::diff {
namespace {

void sort_by_place(std::vector<Found>& found) {
  std::ranges::sort(found, {}, [](const Found& f) { return std::tuple(f.at.y, f.at.x, f.score); });
}

Change change_of(const DetectionChange& pair, const DetectionOptions& options) {
  if (pair.distance_um > options.moved_um) return Change::Moved;
  const double difference = std::abs(pair.a->score - pair.b->score);
  return difference > 0 && difference >= options.score ? Change::ChangedScore : Change::Kept;
}

}  // namespace

std::string_view name(Change change) {
  switch (change) {
    case Change::Kept:
      return "kept";
    case Change::Moved:
      return "moved";
    case Change::ChangedScore:
      return "changed score";
    case Change::Appeared:
      return "appeared";
    case Change::Vanished:
      break;
  }
  return "vanished";
}

std::vector<DetectionChange> compare_detections(std::vector<Found> a,
                                                std::vector<Found> b,
                                                const PixelSize& pixel,
                                                const DetectionOptions& options) {
  sort_by_place(a);
  sort_by_place(b);
  std::vector<stats::Truth> before;
  std::vector<stats::Claim> after;
  before.reserve(a.size());
  after.reserve(b.size());
  for (const auto& f : a) before.push_back({f.at.x * pixel.x, f.at.y * pixel.y});
  for (const auto& f : b) after.push_back({f.at.x * pixel.x, f.at.y * pixel.y, f.score});

  std::vector<DetectionChange> out;
  std::vector<bool> paired_a(a.size(), false);
  std::vector<bool> paired_b(b.size(), false);
  for (const auto& pair : stats::optimal_pairs(before, after, options.radius_um)) {
    paired_a[pair.truth] = true;
    paired_b[pair.claim] = true;
    DetectionChange both{Change::Kept, a[pair.truth], b[pair.claim], pair.distance};
    both.change = change_of(both, options);
    out.push_back(both);
  }
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!paired_a[i]) out.push_back({Change::Vanished, a[i], std::nullopt, 0});
  for (std::size_t i = 0; i < b.size(); ++i)
    if (!paired_b[i]) out.push_back({Change::Appeared, std::nullopt, b[i], 0});
  std::ranges::stable_sort(
      out, {}, [](const DetectionChange& c) { return std::tuple(c.shown().at.y, c.shown().at.x); });
  return out;
}

}  // namespace mito::diff
