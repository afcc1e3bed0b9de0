#include "nodes/outcome/hotspot/hotspot_of_slide.h"

#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::hotspot {

Hotspot find(const Params& params, DetectionSet detections, const TissueMask* mask) {
  if (params.min_probability) {
    const double delta = *params.min_probability;
    if (detections.min_probability > delta)
      throw DataError(
          fmt::format("the detections start at {}; min_probability {} would count some that are "
                      "not there: lower that of the detections, or raise this one",
                      detections.min_probability, delta));
    std::erase_if(detections.items, [delta](const Detection& d) { return d.score < delta; });
    detections.min_probability = delta;
  }
  return stats::find_hotspot(detections, mask, params);
}

}  // namespace mito::hotspot
