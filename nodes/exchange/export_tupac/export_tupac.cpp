#include "nodes/exchange/export_tupac/export_tupac.h"

#include "engine/core/text.h"

namespace mito::export_tupac {

std::string outcome_csv(const Params& params, const std::vector<Grade>& grades) {
  const std::string not_submitted = "-1";
  std::string text;
  for (const auto& one : grades) {
    text += params.tasks == "task2" ? not_submitted : std::to_string(one.grade);
    text += ',';
    text += params.tasks == "task1" ? not_submitted : number_text(one.count);
    text += '\n';
  }
  return text;
}

std::string detections_csv(const DetectionSet& detections) {
  std::string text;
  for (const auto& found : detections.items)
    text += number_text(found.center.y) + ',' + number_text(found.center.x) + ',' +
            number_text(found.score) + '\n';
  return text;
}

}  // namespace mito::export_tupac
