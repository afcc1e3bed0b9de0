#include "nodes/exchange/export_geojson/export_geojson.h"

#include <nlohmann/json.hpp>

#include "engine/core/digest.h"
#include "engine/core/text.h"

namespace mito::export_geojson {
namespace {

// A UUID of version 8: free content, here a digest.
std::string uuid_of(std::string_view slide, const PointL0& at) {
  std::string hex =
      sha256(std::string(slide) + '|' + number_text(at.x) + '|' + number_text(at.y)).substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) hex.insert(dash, 1, '-');
  return hex;
}

}  // namespace

std::string points_geojson(std::span<const Marker> markers,
                           std::string_view slide_identity,
                           const PointL0& origin) {
  using Json = nlohmann::ordered_json;
  Json features = Json::array();
  for (const auto& marker : markers) {
    Json measurements = Json::object();
    for (const auto& [name, value] : marker.measurements) measurements[name] = value;
    features.push_back(
        {{"type", "Feature"},
         {"id", uuid_of(slide_identity, marker.at)},
         {"geometry",
          {{"type", "Point"}, {"coordinates", {marker.at.x - origin.x, marker.at.y - origin.y}}}},
         {"properties",
          {{"objectType", "detection"},
           {"classification", {{"name", marker.name}, {"color", marker.color}}},
           {"measurements", std::move(measurements)}}}});
  }
  return Json{{"type", "FeatureCollection"}, {"features", features}}.dump(
             1, ' ', false, Json::error_handler_t::replace) +
         '\n';
}

std::string to_geojson(const DetectionSet& detections,
                       std::string_view slide_identity,
                       const PointL0& origin) {
  std::vector<Marker> markers;
  markers.reserve(detections.items.size());
  for (const auto& found : detections.items)
    markers.push_back({found.center, "Mitosis", {200, 0, 0}, {{"probability", found.score}}});
  return points_geojson(markers, slide_identity, origin);
}

}  // namespace mito::export_geojson
