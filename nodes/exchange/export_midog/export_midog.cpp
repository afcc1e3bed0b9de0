#include "nodes/exchange/export_midog/export_midog.h"

#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito::export_midog {

std::string to_json(const DetectionSet& detections) {
  const Grid& grid = detections.grid;
  if (!(grid.mpp > 0 && grid.scale_x > 0 && grid.scale_y > 0))
    throw DataError("millimetres need the resolution of the slide, which is not known");
  const double mm_x = grid.mpp / grid.scale_x / 1000;
  const double mm_y = grid.mpp / grid.scale_y / 1000;
  auto points = nlohmann::ordered_json::array();
  for (const auto& found : detections.items)
    points.push_back({{"name", "mitotic figure"},
                      {"point", {found.center.x * mm_x, found.center.y * mm_y, 0}},
                      {"probability", found.score}});
  const nlohmann::ordered_json out{{"name", "mitotic figures"},
                                   {"type", "Multiple points"},
                                   {"points", points},
                                   {"version", {{"major", 1}, {"minor", 0}}}};
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mito::export_midog
