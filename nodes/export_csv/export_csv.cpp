#include "nodes/export_csv/export_csv.h"

#include "engine/core/text.h"

namespace mito::export_csv {
namespace {

std::string quoted(std::string_view text) {
  if (text.find_first_of(",\"\n\r ") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace

std::string to_csv(const DetectionSet& detections, std::string_view slide_name) {
  const std::string name = quoted(slide_name);
  std::string text = "slide,x,y,score,label,id\n";
  std::size_t id = 0;
  for (const auto& found : detections.items)
    text += name + ',' + number_text(found.center.x) + ',' + number_text(found.center.y) + ',' +
            number_text(found.score) + ",mitosis," + std::to_string(++id) + '\n';
  return text;
}

}  // namespace mito::export_csv
