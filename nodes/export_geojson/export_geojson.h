#pragma once
#include <string>
#include <string_view>

#include "engine/types/pathology.h"

namespace mito::export_geojson {

/// Detections as GeoJSON that QuPath opens: a FeatureCollection of point detections, classified
/// `Mitosis`, with the measurement `probability`. Level-0 pixels. `slide_identity` seeds the ids of
/// the objects, which are the same in every run.
std::string to_geojson(const DetectionSet& detections, std::string_view slide_identity);

}  // namespace mito::export_geojson
