#include "nodes/slides/stain/wsics.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/stats/percentile.h"

namespace mito::stain {
namespace {

constexpr std::array<const char*, WsicsStatistics::kClasses> kNames{"haematoxylin", "eosin",
                                                                    "background"};

double percentile(const std::vector<double>& values, double percent) {
  return stats::percentile(values, percent).value();
}

ClassStatistics::Knots knots(const std::vector<double>& values) {
  ClassStatistics::Knots out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = percentile(values, ClassStatistics::kPercents[i]);
  return out;
}

/// Angle of the first principal axis, in (-pi/2, pi/2].
double principal_angle(std::span<const Hsd> points) {
  const auto n = static_cast<double>(points.size());
  double x = 0;
  double y = 0;
  for (const auto& p : points) {
    x += p.cx / n;
    y += p.cy / n;
  }
  double xx = 0;
  double xy = 0;
  double yy = 0;
  for (const auto& p : points) {
    xx += (p.cx - x) * (p.cx - x);
    xy += (p.cx - x) * (p.cy - y);
    yy += (p.cy - y) * (p.cy - y);
  }
  const double angle = 0.5 * std::atan2(2 * xy, xx - yy);
  return angle <= -std::numbers::pi / 2 ? angle + std::numbers::pi : angle;
}

}  // namespace

ClassStatistics class_statistics(std::span<const Rgb8> pixels) {
  if (pixels.size() < 2)
    throw DataError(
        fmt::format("{} pixels are too few for the statistics of a stain class", pixels.size()));
  std::vector<Hsd> points;
  points.reserve(pixels.size());
  for (const Rgb8& pixel : pixels) points.push_back(to_hsd(pixel));
  const auto column = [&](auto&& value) {
    std::vector<double> out;
    out.reserve(points.size());
    for (const Hsd& p : points) out.push_back(value(p));
    return out;
  };
  ClassStatistics out;
  out.median = {percentile(column([](const Hsd& p) { return p.cx; }), 50),
                percentile(column([](const Hsd& p) { return p.cy; }), 50)};
  out.angle = principal_angle(points);
  const double c = std::cos(out.angle);
  const double s = std::sin(out.angle);
  const double mx = out.median[0];
  const double my = out.median[1];
  out.knots_u = knots(column([&](const Hsd& p) { return c * (p.cx - mx) + s * (p.cy - my); }));
  out.knots_v = knots(column([&](const Hsd& p) { return c * (p.cy - my) - s * (p.cx - mx); }));
  const auto n = static_cast<double>(points.size());
  for (const auto& p : points) out.density_mean += p.density / n;
  for (const auto& p : points)
    out.density_sd += (p.density - out.density_mean) * (p.density - out.density_mean) / n;
  out.density_sd = std::sqrt(out.density_sd);
  return out;
}

ClassStatistics turned(const ClassStatistics& statistics) {
  ClassStatistics out = statistics;
  out.angle += std::numbers::pi;
  const auto turn = [](ClassStatistics::Knots& values) {
    std::reverse(values.begin(), values.end());
    for (double& value : values) value = -value;
  };
  turn(out.knots_u);
  turn(out.knots_v);
  return out;
}

WsicsStatistics aligned(const WsicsStatistics& target, const WsicsStatistics& source) {
  WsicsStatistics out = target;
  for (std::size_t i = 0; i < out.classes.size(); ++i) {
    if (std::cos(target.classes[i].angle - source.classes[i].angle) < 0)
      out.classes[i] = turned(target.classes[i]);
  }
  return out;
}

double WsicsMap::Axis::map(double value) const {
  if (fixed) return value;
  std::size_t i = 0;  // end segments reach on beyond their knots
  while (i + 2 < source.size() && value > source[i + 1]) ++i;
  return target[i] +
         (value - source[i]) * (target[i + 1] - target[i]) / (source[i + 1] - source[i]);
}

WsicsMap::WsicsMap(const WsicsStatistics& source, const WsicsStatistics& raw_target) {
  const WsicsStatistics target = aligned(raw_target, source);
  const auto axis = [&](const ClassStatistics::Knots& from, const ClassStatistics::Knots& to,
                        const char* stain, char name) {
    Axis out{from, to, false};
    for (std::size_t i = 0; i + 1 < from.size(); ++i) out.fixed |= !(from[i + 1] > from[i]);
    if (out.fixed)
      warnings_.push_back(fmt::format(
          "{}: two percentiles of the slide's chromaticity along {} are equal; it is kept as it is",
          stain, name));
    return out;
  };
  for (std::size_t i = 0; i < stains_.size(); ++i) {
    const auto& s = source.classes[i];
    const auto& t = target.classes[i];
    stains_[i] = {s.median,
                  t.median,
                  std::cos(s.angle),
                  std::sin(s.angle),
                  std::cos(t.angle),
                  std::sin(t.angle),
                  axis(s.knots_u, t.knots_u, kNames[i], 'u'),
                  axis(s.knots_v, t.knots_v, kNames[i], 'v')};
  }
  const auto& from = source.classes[2].median;
  const auto& to = target.classes[2].median;
  background_shift_ = {to[0] - from[0], to[1] - from[1]};
  for (std::size_t i = 0; i < densities_.size(); ++i) {
    const auto& s = source.classes[i];
    const auto& t = target.classes[i];
    if (s.density_sd > 0 && t.density_sd > 0) {
      const double scale = t.density_sd / s.density_sd;
      densities_[i] = {scale, t.density_mean - s.density_mean * scale};
    } else {
      warnings_.push_back(
          fmt::format("{}: the density does not vary; it is kept as it is", kNames[i]));
    }
  }
}

Point WsicsMap::stained(const Stain& stain, const Hsd& colour) const {
  const double x = colour.cx - stain.source_median[0];
  const double y = colour.cy - stain.source_median[1];
  const double u = stain.u.map(stain.source_cos * x + stain.source_sin * y);
  const double v = stain.v.map(stain.source_cos * y - stain.source_sin * x);
  return {stain.target_cos * u - stain.target_sin * v + stain.target_median[0],
          stain.target_sin * u + stain.target_cos * v + stain.target_median[1]};
}

ClassMapped WsicsMap::operator()(const Hsd& colour, std::span<const double> weights) const {
  ClassMapped out;
  out.points = {stained(stains_[0], colour), stained(stains_[1], colour),
                Point{colour.cx + background_shift_[0], colour.cy + background_shift_[1]}};
  for (std::size_t i = 0; i < out.points.size(); ++i) {
    out.hsd.cx += weights[i] * out.points[i][0];
    out.hsd.cy += weights[i] * out.points[i][1];
    out.hsd.density += weights[i] * (densities_[i].scale * colour.density + densities_[i].shift);
  }
  out.hsd.density = std::clamp(out.hsd.density, 0.0, kMaxDensity);
  return out;
}

}  // namespace mito::stain
