#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/params.h"
#include "engine/stats/matching.h"
#include "engine/types/pathology.h"

namespace mito::export_geojson {

struct Params {
  double diameter_um = 25;
  double match_um = 7.5;
  std::string truth_origin = "level0";

  static void describe(auto& p, auto&& field) {
    field("diameter_um", p.diameter_um,
          {.unit = Unit::Micron,
           .range = {1, 250},
           .doc = "Diameter of the circle around a detection, an annotation of QuPath: its line "
                  "has the same width at every zoom, so that it is seen in an overview."});
    field("match_um", p.match_um, stats::match_field("As match_um of `evaluate_detections`."));
    field("truth_origin", p.truth_origin,
          {.choices = {"level0", "bounds"}, .doc = "As truth_origin of `evaluate_detections`."});
  }
};

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

/// What is written of a slide; pointers may be null.
struct Subject {
  const DetectionSet& detections;
  std::string identity;  ///< Of SlideInfo.
  PointL0 origin = {};   ///< The level-0 corner of SlideInfo::bounds.
  const Hotspot* hotspot = nullptr;
  const TissueMask* mask = nullptr;
  std::optional<std::vector<PointL0>> truth = {};  ///< True mitoses on level 0; empty: not known.
};

/// Detections as annotations that QuPath shows at every zoom: circles with the measurement
/// `probability`, classified `Mitosis`, or where the truth is known `Mitosis: found` and
/// `Mitosis: false`, beside circles around what was missed, `Mitosis: missed`. Then, locked, the
/// hotspot with its counts, where stats::drawn_center() has it, and the outlines of the tissue.
/// Coordinates and ids as points_geojson()
/// has them.
std::string to_geojson(const Params& params, const Subject& subject);

}  // namespace mito::export_geojson
