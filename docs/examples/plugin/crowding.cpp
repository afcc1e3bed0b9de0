// Two node types in a plug-in (docs/plugins.md): how crowded candidates lie, and the candidates
// that do not. Lymphocytes lie in crowds, mitoses mostly do not.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include "engine/graph/plugin.h"
#include "engine/types/feature_table.h"
#include "engine/types/pathology.h"

namespace crowding {

struct Params {
  double radius_um = 25;
  int max_neighbours = 8;

  static void describe(auto& p, auto&& field) {
    field("radius_um", p.radius_um,
          {.unit = mito::Unit::Micron,
           .range = {1, 500},
           .doc = "Neighbours are the other candidates within this distance."});
    field("max_neighbours", p.max_neighbours,
          {.range = {0, 10000}, .doc = "What has more of them is left out."});
  }
};

/// How many others lie within `radius_um` of each candidate, in their order.
std::vector<int> neighbours(const mito::CandidateSet& candidates, double radius_um) {
  const auto& items = candidates.items;
  const double radius = radius_um / candidates.mpp;  // level-0 pixels
  std::vector<std::size_t> by_x(items.size());
  std::iota(by_x.begin(), by_x.end(), std::size_t{0});
  std::ranges::sort(by_x, {}, [&](std::size_t i) { return items[i].center.x; });
  std::vector<int> found(items.size(), 0);
  for (std::size_t a = 0; a < by_x.size(); ++a)
    for (std::size_t b = a + 1; b < by_x.size(); ++b) {
      const auto& one = items[by_x[a]].center;
      const auto& other = items[by_x[b]].center;
      if (other.x - one.x > radius) break;
      if (std::hypot(other.x - one.x, other.y - one.y) > radius) continue;
      ++found[by_x[a]];
      ++found[by_x[b]];
    }
  return found;
}

/// candidates of a slide -> those that are not crowded, in their order.
struct DropCrowded {
  static constexpr mito::graph::NodeInfo kInfo{.type = "drop_crowded",
                                               .version = 1,
                                               .paper = "-",
                                               .summary = "Leaves out candidates in crowds.",
                                               .inputs = {"candidates"},
                                               .output = "candidates"};

  static mito::CandidateSet run(const Params& params, const mito::CandidateSet& candidates) {
    const auto counts = neighbours(candidates, params.radius_um);
    mito::CandidateSet kept{{}, candidates.mpp};
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i] <= params.max_neighbours) kept.items.push_back(candidates.items[i]);
    return kept;
  }
};

/// candidates of a slide -> how many neighbours each has.
struct Crowding {
  static constexpr mito::graph::NodeInfo kInfo{.type = "crowding",
                                               .version = 1,
                                               .paper = "-",
                                               .summary = "Counts the neighbours of candidates.",
                                               .inputs = {"candidates"},
                                               .output = "features"};

  static mito::FeatureTable run(const Params& params, const mito::CandidateSet& candidates) {
    mito::FeatureTable table{{}, {"neighbours"}, {}};
    for (const auto& candidate : candidates.items) table.at.push_back(candidate.center);
    for (const int count : neighbours(candidates, params.radius_um)) table.values.push_back(count);
    return table;
  }
};

}  // namespace crowding

MITOLOOM_PLUGIN(registry) {
  registry.add<crowding::DropCrowded>();
  registry.add<crowding::Crowding>();
}
