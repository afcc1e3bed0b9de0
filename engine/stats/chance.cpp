#include "engine/stats/chance.h"

#include <algorithm>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/stats/percentile.h"

namespace mito::stats {
namespace {

constexpr int kOrders = 200;
constexpr double kPercent = 95;

/// The highest F1 of one random order, where its k-th positive is at `rank`: 2 k of rank + P.
double best_f1_of_order(std::int64_t count, std::int64_t positives, RandomStream& random) {
  double best = 0;
  std::int64_t found = 0;
  for (std::int64_t rank = 1; rank <= count && found < positives; ++rank) {
    const auto left = static_cast<double>(positives - found);
    if (random.uniform() * static_cast<double>(count - rank + 1) >= left) continue;
    ++found;
    best = std::max(best, 2.0 * static_cast<double>(found) / static_cast<double>(rank + positives));
  }
  return best;
}

}  // namespace

double chance_f1(std::int64_t count, std::int64_t positives) {
  if (positives <= 0 || positives >= count)
    throw DataError(fmt::format("chance: expected patches of both classes, got {} of {} positive",
                                positives, count));
  std::vector<double> best;
  for (int order = 0; order < kOrders; ++order) {
    RandomStream random(1, "chance_f1", static_cast<std::uint64_t>(order));
    best.push_back(best_f1_of_order(count, positives, random));
  }
  return *percentile(best, kPercent);
}

}  // namespace mito::stats
