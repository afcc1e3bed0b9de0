#include "nodes/reference/registration/transform_fit.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>

#include "engine/core/error.h"

namespace mito::image {
namespace {

// Smaller determinants, relative to the size of the point cloud, do not determine a map.
constexpr double kSingular = 1e-12;
constexpr int kMostRefits = 20;

struct Centres {
  PointL0 from;
  PointL0 to;
};

Centres centres_of(std::span<const PointPair> pairs) {
  Centres c;
  for (const auto& pair : pairs) {
    c.from.x += pair.from.x;
    c.from.y += pair.from.y;
    c.to.x += pair.to.x;
    c.to.y += pair.to.y;
  }
  const auto n = static_cast<double>(pairs.size());
  return {{c.from.x / n, c.from.y / n}, {c.to.x / n, c.to.y / n}};
}

// Gives a linear map the shift that takes the centre to its target.
Affine centred(Affine linear, const Centres& c) {
  const PointL0 moved = Affine{linear.a, linear.b, 0, linear.d, linear.e, 0}.apply(c.from);
  linear.c = c.to.x - moved.x;
  linear.f = c.to.y - moved.y;
  return linear;
}

std::optional<Affine> fit_rotation(std::span<const PointPair> pairs,
                                   const Centres& c,
                                   bool scaled,
                                   bool mirrored) {
  double dot = 0;
  double cross = 0;
  double size = 0;
  for (const auto& pair : pairs) {
    const double px = (pair.from.x - c.from.x) * (mirrored ? -1 : 1);
    const double py = pair.from.y - c.from.y;
    const double qx = pair.to.x - c.to.x;
    const double qy = pair.to.y - c.to.y;
    dot += px * qx + py * qy;
    cross += px * qy - py * qx;
    size += px * px + py * py;
  }
  const double length = std::hypot(dot, cross);
  if (!(size > 0) || !(length > kSingular * size)) return std::nullopt;
  const double factor = scaled ? length / size : 1;
  const double cosine = factor * dot / length;
  const double sine = factor * cross / length;
  const double sign = mirrored ? -1 : 1;
  return centred({sign * cosine, -sine, 0, sign * sine, cosine, 0}, c);
}

std::optional<Affine> fit_affine(std::span<const PointPair> pairs, const Centres& c) {
  double xx = 0;
  double xy = 0;
  double yy = 0;
  double ux = 0;
  double uy = 0;
  double vx = 0;
  double vy = 0;
  for (const auto& pair : pairs) {
    const double px = pair.from.x - c.from.x;
    const double py = pair.from.y - c.from.y;
    const double qx = pair.to.x - c.to.x;
    const double qy = pair.to.y - c.to.y;
    xx += px * px;
    xy += px * py;
    yy += py * py;
    ux += qx * px;
    uy += qx * py;
    vx += qy * px;
    vy += qy * py;
  }
  const double det = xx * yy - xy * xy;
  if (!(det > kSingular * (xx + yy) * (xx + yy))) return std::nullopt;
  return centred({(ux * yy - uy * xy) / det, (uy * xx - ux * xy) / det, 0,
                  (vx * yy - vy * xy) / det, (vy * xx - vx * xy) / det, 0},
                 c);
}

std::optional<Affine> try_fit(MapFamily family, std::span<const PointPair> pairs, bool mirrored) {
  if (pairs.size() < minimal_pairs(family)) return std::nullopt;
  const Centres c = centres_of(pairs);
  switch (family) {
    case MapFamily::Translation:
      return centred({}, c);
    case MapFamily::Rigid:
      return fit_rotation(pairs, c, false, mirrored);
    case MapFamily::Similarity:
      return fit_rotation(pairs, c, true, mirrored);
    case MapFamily::Affine:
      break;
  }
  return fit_affine(pairs, c);
}

double rms_of(const Affine& map, std::span<const PointPair> pairs) {
  double sum = 0;
  for (const auto& pair : pairs) {
    const double error = error_of(map, pair);
    sum += error * error;
  }
  return std::sqrt(sum / static_cast<double>(pairs.size()));
}

/// The pairs that a map takes close enough, and the sum of their squared errors.
struct Support {
  std::vector<std::size_t> inliers;
  double squared_error = 0;

  bool better_than(const Support& other) const {
    if (inliers.size() != other.inliers.size()) return inliers.size() > other.inliers.size();
    return squared_error < other.squared_error;
  }
};

Support support_of(const Affine& map, std::span<const PointPair> pairs, double distance) {
  Support support;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double error = error_of(map, pairs[i]);
    if (error > distance) continue;
    support.inliers.push_back(i);
    support.squared_error += error * error;
  }
  return support;
}

std::vector<PointPair> picked(std::span<const PointPair> pairs,
                              std::span<const std::size_t> indices) {
  std::vector<PointPair> out;
  for (const auto i : indices) out.push_back(pairs[i]);
  return out;
}

// `count` different indices below n.
std::vector<std::size_t> draw(std::size_t count, std::size_t n, RandomStream& random) {
  std::vector<std::size_t> out;
  while (out.size() < count) {
    const std::size_t i = random.below(static_cast<std::uint32_t>(n));
    if (std::ranges::find(out, i) == out.end()) out.push_back(i);
  }
  return out;
}

[[noreturn]] void refuse(std::size_t pairs) {
  throw DataError("map fit: " + std::to_string(pairs) +
                  " point pairs do not determine a map (too few, or all in one place or line)");
}

}  // namespace

std::size_t minimal_pairs(MapFamily family) {
  switch (family) {
    case MapFamily::Translation:
      return 1;
    case MapFamily::Rigid:
    case MapFamily::Similarity:
      return 2;
    case MapFamily::Affine:
      break;
  }
  return 3;
}

FittedMap fit_map(MapFamily family, std::span<const PointPair> pairs, bool mirrored) {
  const auto map = try_fit(family, pairs, mirrored);
  if (!map) refuse(pairs.size());
  return {*map, rms_of(*map, pairs)};
}

RobustMap fit_map_robustly(MapFamily family,
                           std::span<const PointPair> pairs,
                           const RobustOptions& options,
                           RandomStream& random,
                           bool mirrored) {
  const std::size_t minimal = minimal_pairs(family);
  if (pairs.size() < minimal) refuse(pairs.size());
  Support best;
  for (int round = 0; round < options.rounds; ++round) {
    const auto map = try_fit(family, picked(pairs, draw(minimal, pairs.size(), random)), mirrored);
    if (!map) continue;
    Support support = support_of(*map, pairs, options.inlier_distance);
    if (support.better_than(best)) best = std::move(support);
  }
  for (int refit = 0; refit < kMostRefits; ++refit) {
    const auto map = try_fit(family, picked(pairs, best.inliers), mirrored);
    if (!map) refuse(best.inliers.size());
    Support support = support_of(*map, pairs, options.inlier_distance);
    if (support.inliers == best.inliers || support.inliers.size() < minimal) break;
    best = std::move(support);
  }
  const auto inliers = picked(pairs, best.inliers);
  const FittedMap fitted = fit_map(family, inliers, mirrored);
  return {fitted.map, fitted.rms, std::move(best.inliers)};
}

double error_of(const Affine& map, const PointPair& pair) {
  const PointL0 at = map.apply(pair.from);
  return std::hypot(at.x - pair.to.x, at.y - pair.to.y);
}

Rotation rotation_of(const Affine& map) {
  const bool mirrored = map.determinant() < 0;
  const double sign = mirrored ? -1 : 1;
  const double radians = std::atan2(map.b - sign * map.d, sign * map.a + map.e);
  return {radians * 180 / std::numbers::pi, mirrored, std::sqrt(std::abs(map.determinant()))};
}

Affine linear_map(const Rotation& rotation) {
  const double radians = rotation.degrees * std::numbers::pi / 180;
  const double cosine = rotation.scale * std::cos(radians);
  const double sine = rotation.scale * std::sin(radians);
  const double sign = rotation.mirrored ? -1 : 1;
  return {sign * cosine, sine, 0, -sign * sine, cosine, 0};
}

}  // namespace mito::image
