#include "nodes/slides/stain/nearest.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

namespace mito::stain {
namespace {

constexpr std::uint32_t kLeaf = 12;  // points

double squared_distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

/// The nearest points met so far, nearest first, no more than are needed for k samples.
struct NearestCounts::Search {
  std::array<double, 3> at{};
  std::vector<std::pair<double, std::uint32_t>> found;
  double limit = std::numeric_limits<double>::infinity();
};

NearestCounts::NearestCounts(std::vector<CountedPoint> points, int k)
    : points_(std::move(points)), order_(points_.size()), k_(k) {
  std::iota(order_.begin(), order_.end(), 0U);
  nodes_.push_back({0, static_cast<std::uint32_t>(points_.size())});
  build(0);
}

void NearestCounts::build(std::uint32_t index) {
  const Node node = nodes_[index];
  if (node.end - node.begin <= kLeaf) return;
  std::uint8_t axis = 0;
  double widest = -1;
  for (std::uint8_t i = 0; i < 3; ++i) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (auto j = node.begin; j < node.end; ++j) {
      low = std::min(low, points_[order_[j]].at[i]);
      high = std::max(high, points_[order_[j]].at[i]);
    }
    if (high - low > widest) {
      widest = high - low;
      axis = i;
    }
  }
  const auto middle = node.begin + (node.end - node.begin) / 2;
  std::nth_element(order_.begin() + node.begin, order_.begin() + middle, order_.begin() + node.end,
                   [&](std::uint32_t a, std::uint32_t b) {
                     return std::tuple(points_[a].at[axis], a) < std::tuple(points_[b].at[axis], b);
                   });
  const auto left = static_cast<std::uint32_t>(nodes_.size());
  nodes_[index].left = left;
  nodes_[index].axis = axis;
  nodes_[index].split = points_[order_[middle]].at[axis];
  nodes_.push_back({node.begin, middle});
  nodes_.push_back({middle, node.end});
  build(left);
  build(left + 1);
}

void NearestCounts::visit(std::uint32_t index, Search& search) const {
  const Node& node = nodes_[index];
  if (node.left != 0) {
    const double offset = search.at[node.axis] - node.split;
    const std::uint32_t near = offset < 0 ? node.left : node.left + 1;
    visit(near, search);
    if (offset * offset <= search.limit) visit(near == node.left ? near + 1 : node.left, search);
    return;
  }
  for (auto j = node.begin; j < node.end; ++j) {
    const std::uint32_t point = order_[j];
    const double distance = squared_distance(points_[point].at, search.at);
    if (distance > search.limit) continue;
    auto& found = search.found;
    const std::pair entry{distance, point};
    found.insert(std::upper_bound(found.begin(), found.end(), entry), entry);
    std::int64_t samples = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto& counts = points_[found[i].second].counts;
      samples += counts[0] + counts[1];
      if (samples < k_) continue;
      found.resize(i + 1);
      search.limit = found.back().first;
      break;
    }
  }
}

int NearestCounts::vote(const std::array<double, 3>& at) const {
  Search search{.at = at, .found = {}};
  visit(0, search);
  std::array<std::int64_t, 2> votes{};
  for (const auto& [distance, point] : search.found) {
    for (std::size_t i = 0; i < 2; ++i) votes[i] += points_[point].counts[i];
  }
  return votes[1] > votes[0] ? 1 : 0;
}

}  // namespace mito::stain
