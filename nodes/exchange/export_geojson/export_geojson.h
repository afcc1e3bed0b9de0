#pragma once
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/types/pathology.h"

namespace mito::export_geojson {

/// A point that QuPath shows.
struct Marker {
  PointL0 at;
  std::string name;          ///< Of its class.
  std::array<int, 3> color;  ///< Red, green, blue, 0 to 255.
  std::vector<std::pair<std::string, double>> measurements;
};

/// Points as GeoJSON that QuPath opens: a FeatureCollection of point detections with their classes
/// and measurements. Their coordinates count from `origin`, the level-0 corner of
/// SlideInfo::bounds: QuPath shows the scanned part of a slide only. `slide_identity` seeds the ids
/// of the objects, which are the same in every run.
std::string points_geojson(std::span<const Marker> markers,
                           std::string_view slide_identity,
                           const PointL0& origin);

/// Detections as such points, classified `Mitosis`, with the measurement `probability`.
std::string to_geojson(const DetectionSet& detections,
                       std::string_view slide_identity,
                       const PointL0& origin);

}  // namespace mito::export_geojson
