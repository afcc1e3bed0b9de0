#include "nodes/exchange/export_csv/export_csv.h"

#include "engine/core/text.h"
#include "engine/stats/hotspot.h"
#include "engine/types/points_csv.h"

namespace mito::export_csv {
namespace {

std::string in_hotspot(const Subject& subject, const Detection& found) {
  if (subject.hotspot == nullptr) return "";
  return stats::is_counted(*subject.hotspot, subject.detections.grid, found) ? "1" : "0";
}

}  // namespace

std::string to_csv(const Subject& subject) {
  const std::string name = csv_field(subject.name);
  std::string text = "slide,x,y,score,label,id,x_um,y_um,in_hotspot\n";
  std::size_t id = 0;
  for (const auto& found : subject.detections.items) {
    const auto& [x, y] = found.center;
    text += name + ',' + number_text(x) + ',' + number_text(y) + ',' + number_text(found.score) +
            ",mitosis," + std::to_string(++id) + ',' + number_text(x * subject.mpp_x) + ',' +
            number_text(y * subject.mpp_y) + ',' + in_hotspot(subject, found) + '\n';
  }
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
