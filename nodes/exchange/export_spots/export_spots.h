#pragma once
#include <string>
#include <string_view>

#include "engine/core/params.h"
#include "engine/types/restained.h"

namespace mito::export_spots {

struct Params {
  std::string format = "csv";

  static void describe(auto& p, auto&& field) {
    field("format", p.format,
          {.choices = {"csv", "geojson"},
           .doc = "csv: spots.csv, a table of points. geojson: spots.geojson for QuPath."});
  }
};

/// Spots as CSV with the header `slide,x,y,score,label,id,area_um2,mean_dab` (method 1.3): level-0
/// pixels, ids from 1 on in the order of the set. Without `scores` the score is empty and the label
/// `candidate`; with them the score is the probability and the label `positive` from the threshold
/// on, else `negative`. Numbers read back as the same doubles.
/// Throws DataError when scores and spots differ in number.
std::string to_csv(const SpotSet& spots, const SpotScores* scores, std::string_view slide_name);

/// Spots as GeoJSON that QuPath opens: point detections with the measurements `area_um2`,
/// `mean_dab` and, with scores, `probability`; classified `Candidate`, `Positive` or `Negative`.
/// Coordinates count from `origin`, the level-0 corner of SlideInfo::bounds, as QuPath does.
/// `slide_identity` seeds the ids of the objects. Throws DataError as above.
std::string to_geojson(const SpotSet& spots,
                       const SpotScores* scores,
                       std::string_view slide_identity,
                       const PointL0& origin);

}  // namespace mito::export_spots
