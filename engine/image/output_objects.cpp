#include "engine/image/output_objects.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace mito::image {
namespace {

bool raster_order(const Output& a, const Output& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; }

/// For every output, sorted in raster order, the index of the first output of its component.
std::vector<std::size_t> first_of_component(const std::vector<Output>& outputs,
                                            std::int64_t stride) {
  std::vector<std::size_t> parent(outputs.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t i) {
    while (parent[i] != i) {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
    return i;
  };
  const auto join = [&](std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    parent[std::max(a, b)] = std::min(a, b);
  };
  std::size_t above = 0;  // walks one row behind
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& here = outputs[i];
    if (i > 0 && outputs[i - 1].y == here.y && outputs[i - 1].x == here.x - stride) join(i, i - 1);
    while (above < i && raster_order(outputs[above], {here.x - stride, here.y - stride, 0}))
      ++above;
    for (auto k = above;
         k < i && outputs[k].y == here.y - stride && outputs[k].x <= here.x + stride; ++k) {
      join(i, k);
    }
  }
  for (std::size_t i = 0; i < parent.size(); ++i) parent[i] = root(i);
  return parent;
}

struct Sums {
  Object object;
  double weight = 0;
  double x = 0;
  double y = 0;
};

void include(Sums& sums, const Output& output, Position position) {
  const auto x = static_cast<double>(output.x);
  const auto y = static_cast<double>(output.y);
  const bool best = sums.object.pixels == 0 || output.probability > sums.object.score;
  ++sums.object.pixels;
  if (best) sums.object.score = output.probability;
  if (best && position == Position::Argmax) {
    sums.object.x = x;
    sums.object.y = y;
  }
  sums.weight += output.probability;
  sums.x += output.probability * x;
  sums.y += output.probability * y;
}

Object finished(const Sums& sums, Position position) {
  Object object = sums.object;
  if (position == Position::Argmax) return object;
  object.x = sums.x / sums.weight;
  object.y = sums.y / sums.weight;
  return object;
}

/// Kept objects by square cells as large as the distance, so that only nine cells can be too close.
class Neighbours {
 public:
  explicit Neighbours(double distance) : distance_(distance) {}

  bool any_closer(const Object& object) const {
    const auto cx = cell(object.x);
    const auto cy = cell(object.y);
    for (auto y = cy - 1; y <= cy + 1; ++y) {
      for (auto x = cx - 1; x <= cx + 1; ++x) {
        const auto found = cells_.find({y, x});
        if (found == cells_.end()) continue;
        for (const auto& other : found->second) {
          if (std::hypot(object.x - other.x, object.y - other.y) < distance_) return true;
        }
      }
    }
    return false;
  }
  void add(const Object& object) { cells_[{cell(object.y), cell(object.x)}].push_back(object); }

 private:
  std::int64_t cell(double at) const {
    return static_cast<std::int64_t>(std::floor(at / distance_));
  }
  double distance_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Object>> cells_;
};

}  // namespace

std::vector<Object> connect(std::vector<Output> outputs, std::int64_t stride, Position position) {
  // Sums run in raster order, so that they round the same way whatever the tiles were.
  std::sort(outputs.begin(), outputs.end(), raster_order);
  const auto first = first_of_component(outputs, stride);
  std::vector<std::size_t> slot(outputs.size());
  std::vector<Sums> sums;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (first[i] == i) {
      slot[i] = sums.size();
      sums.emplace_back();
    }
    include(sums[slot[first[i]]], outputs[i], position);
  }
  std::vector<Object> objects;
  objects.reserve(sums.size());
  for (const auto& component : sums) objects.push_back(finished(component, position));
  return objects;
}

void sort_best_first(std::vector<Object>& objects) {
  std::sort(objects.begin(), objects.end(), [](const Object& a, const Object& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.y != b.y ? a.y < b.y : a.x < b.x;
  });
}

std::vector<Object> suppress(std::vector<Object> objects, double distance_px) {
  sort_best_first(objects);
  if (distance_px <= 0) return objects;
  Neighbours kept(distance_px);
  std::vector<Object> out;
  for (const auto& object : objects) {
    if (kept.any_closer(object)) continue;
    kept.add(object);
    out.push_back(object);
  }
  return out;
}

}  // namespace mito::image
