#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace mito::stain {

/// A point that stands for `counts` samples of two classes.
struct CountedPoint {
  std::array<double, 3> at{};
  std::array<std::int64_t, 2> counts{};
};

/// k nearest neighbours among points that stand for many samples: a tree, exact. The nearest points
/// are taken, ties in their given order, until they stand for at least k samples.
class NearestCounts {
 public:
  NearestCounts(std::vector<CountedPoint> points, int k);
  /// Class with more samples among the neighbours; 0 when equal.
  int vote(const std::array<double, 3>& at) const;

 private:
  struct Node {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t left = 0;  ///< 0 for a leaf; the right child follows at left + 1.
    std::uint8_t axis = 0;
    double split = 0;
  };
  struct Search;
  void build(std::uint32_t node);
  void visit(std::uint32_t node, Search& search) const;

  std::vector<CountedPoint> points_;
  std::vector<std::uint32_t> order_;
  std::vector<Node> nodes_;
  std::int64_t k_;
};

}  // namespace mito::stain
