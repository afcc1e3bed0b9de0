#include "nodes/exchange/export_csv/export_csv.h"

#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito::export_csv {
std::string to_csv(const DetectionSet& detections, std::string_view slide_name) {
  const std::string name = csv_field(slide_name);
  std::string text = "slide,x,y,score,label,id\n";
  std::size_t id = 0;
  for (const auto& found : detections.items)
    text += name + ',' + number_text(found.center.x) + ',' + number_text(found.center.y) + ',' +
            number_text(found.score) + ",mitosis," + std::to_string(++id) + '\n';
  return text;
}

std::string candidates_to_csv(const CandidateSet& candidates, std::string_view slide_name) {
  const std::string name = csv_field(slide_name);
  std::string text = "slide,x,y,intensity\n";
  for (const auto& found : candidates.items)
    text += name + ',' + number_text(found.center.x) + ',' + number_text(found.center.y) + ',' +
            number_text(static_cast<double>(found.intensity)) + '\n';
  return text;
}

}  // namespace mito::export_csv
