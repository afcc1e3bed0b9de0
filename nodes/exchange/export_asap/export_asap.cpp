#include "nodes/exchange/export_asap/export_asap.h"

#include <spdlog/fmt/fmt.h>

#include "engine/core/text.h"

namespace mito::export_asap {

std::string to_asap_xml(const DetectionSet& detections) {
  std::string text = "<?xml version=\"1.0\"?>\n<ASAP_Annotations>\n\t<Annotations>\n";
  std::size_t rank = 0;
  for (const auto& found : detections.items)
    text += fmt::format(
        "\t\t<Annotation Name=\"mitosis {} ({:.4f})\" Type=\"Dot\" PartOfGroup=\"mitosis\" "
        "Color=\"#F4FA58\">\n\t\t\t<Coordinates>\n\t\t\t\t<Coordinate Order=\"0\" X=\"{}\" "
        "Y=\"{}\" />\n\t\t\t</Coordinates>\n\t\t</Annotation>\n",
        ++rank, found.score, number_text(found.center.x), number_text(found.center.y));
  text +=
      "\t</Annotations>\n\t<AnnotationGroups>\n\t\t<Group Name=\"mitosis\" PartOfGroup=\"None\" "
      "Color=\"#C80000\">\n\t\t\t<Attributes />\n\t\t</Group>\n\t</AnnotationGroups>\n"
      "</ASAP_Annotations>\n";
  return text;
}

}  // namespace mito::export_asap
