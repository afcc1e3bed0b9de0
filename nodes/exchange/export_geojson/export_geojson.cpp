#include "nodes/exchange/export_geojson/export_geojson.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/core/digest.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/image/outlines.h"
#include "engine/stats/hotspot.h"

namespace mito::export_geojson {
namespace {

using Json = nlohmann::ordered_json;
using Color = std::array<int, 3>;

// Told apart by everybody (Okabe and Ito).
constexpr Color kMitosis{200, 0, 0};
constexpr Color kFound{0, 158, 115};
constexpr Color kFalse{213, 94, 0};
constexpr Color kMissed{123, 63, 196};
constexpr Color kHotspot{0, 114, 178};
constexpr Color kTissue{47, 158, 68};
constexpr int kCircleCorners = 24;
/// Coordinates are written to a 64th of a pixel.
constexpr double kPerPixel = 64;

// A UUID of version 8: free content, here a digest.
std::string uuid_of(std::string_view slide, const std::string& what) {
  std::string hex = sha256(std::string(slide) + '|' + what).substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) hex.insert(dash, 1, '-');
  return hex;
}

std::string place_text(const PointL0& at) { return number_text(at.x) + '|' + number_text(at.y); }

Json measurements_json(const std::vector<std::pair<std::string, double>>& measurements) {
  Json out = Json::object();
  for (const auto& [name, value] : measurements) out[name] = value;
  return out;
}

Json coordinates(const PointL0& at, const PointL0& origin) {
  const auto rounded = [](double v) { return std::round(v * kPerPixel) / kPerPixel; };
  return {rounded(at.x - origin.x), rounded(at.y - origin.y)};
}

/// A closed ring, as GeoJSON wants it.
Json ring_json(const std::vector<PointL0>& corners, const PointL0& origin) {
  Json ring = Json::array();
  for (const auto& corner : corners) ring.push_back(coordinates(corner, origin));
  ring.push_back(ring.front());
  return ring;
}

Json annotation(const std::string& id, Json rings, const std::string& name, const Color& color) {
  return {{"type", "Feature"},
          {"id", id},
          {"geometry", {{"type", "Polygon"}, {"coordinates", std::move(rings)}}},
          {"properties",
           {{"objectType", "annotation"}, {"classification", {{"name", name}, {"color", color}}}}}};
}

/// The features of a collection in the making.
class Features {
 public:
  Features(const Params& params, const Subject& subject) : params_(params), subject_(subject) {}

  void add_circle(const PointL0& at,
                  const std::string& name,
                  const Color& color,
                  const std::optional<double>& score) {
    Json feature = annotation(
        uuid_of(subject_.identity, place_text(at)),
        Json::array({ring_json(image::circle(grid(), at, params_.diameter_um / 2, kCircleCorners),
                               subject_.origin)}),
        name, color);
    Json& properties = feature["properties"];
    if (score) properties["measurements"] = {{"probability", *score}};
    out_.push_back(std::move(feature));
  }
  void add_hotspot(const Hotspot& hotspot) {
    if (hotspot.count_max == 0) return;
    Json feature = annotation(
        uuid_of(subject_.identity, "hotspot"),
        Json::array(
            {ring_json(image::circle(grid(), stats::drawn_center(hotspot, subject_.detections),
                                     hotspot.radius_um),
                       subject_.origin)}),
        "Hotspot", kHotspot);
    Json& properties = feature["properties"];
    properties["isLocked"] = true;
    properties["measurements"] = {{"count_p95", hotspot.count_p95},
                                  {"count_max", hotspot.count_max}};
    out_.push_back(std::move(feature));
  }
  void add_tissue(const TissueMask& mask) {
    for (const auto& outline : image::outlines(mask, Ground::Tissue)) {
      Json rings = Json::array({ring_json(outline.outer, subject_.origin)});
      for (const auto& hole : outline.holes) rings.push_back(ring_json(hole, subject_.origin));
      Json feature =
          annotation(uuid_of(subject_.identity, "tissue|" + place_text(outline.outer.front())),
                     std::move(rings), "Tissue", kTissue);
      feature["properties"]["isLocked"] = true;
      out_.push_back(std::move(feature));
    }
  }
  Json take() { return std::move(out_); }

 private:
  const Grid& grid() const { return subject_.detections.grid; }

  const Params& params_;
  const Subject& subject_;
  Json out_ = Json::array();
};

std::string collection(Json features) {
  return json_text(Json{{"type", "FeatureCollection"}, {"features", std::move(features)}}, 1);
}

}  // namespace

std::string points_geojson(std::span<const Marker> markers,
                           std::string_view slide_identity,
                           const PointL0& origin) {
  Json features = Json::array();
  for (const auto& marker : markers) {
    features.push_back(
        {{"type", "Feature"},
         {"id", uuid_of(slide_identity, place_text(marker.at))},
         {"geometry",
          {{"type", "Point"}, {"coordinates", {marker.at.x - origin.x, marker.at.y - origin.y}}}},
         {"properties",
          {{"objectType", "detection"},
           {"classification", {{"name", marker.name}, {"color", marker.color}}},
           {"measurements", measurements_json(marker.measurements)}}}});
  }
  return collection(std::move(features));
}

std::string to_geojson(const Params& params, const Subject& subject) {
  Features out(params, subject);
  const auto& found = subject.detections.items;
  const auto in_reach = [&](const PointL0& a, const PointL0& b) {
    return distance_um(subject.detections.grid, a, b) <= params.match_um;
  };
  for (const auto& one : found) {
    if (!subject.truth) {
      out.add_circle(one.center, "Mitosis", kMitosis, one.score);
      continue;
    }
    const bool is_true = std::ranges::any_of(
        *subject.truth, [&](const PointL0& at) { return in_reach(one.center, at); });
    out.add_circle(one.center, is_true ? "Mitosis: found" : "Mitosis: false",
                   is_true ? kFound : kFalse, one.score);
  }
  if (subject.truth)
    for (const auto& at : *subject.truth)
      if (std::ranges::none_of(found, [&](const auto& one) { return in_reach(one.center, at); }))
        out.add_circle(at, "Mitosis: missed", kMissed, std::nullopt);
  if (subject.hotspot != nullptr) out.add_hotspot(*subject.hotspot);
  if (subject.mask != nullptr) out.add_tissue(*subject.mask);
  return collection(out.take());
}

}  // namespace mito::export_geojson
