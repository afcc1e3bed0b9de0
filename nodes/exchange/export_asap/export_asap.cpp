#include "nodes/exchange/export_asap/export_asap.h"

#include <cmath>
#include <string_view>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/text.h"
#include "engine/image/outlines.h"
#include "engine/stats/hotspot.h"

namespace mito::export_asap {
namespace {

/// Outlines are written to a 64th of a pixel.
constexpr double kPerPixel = 64;

struct Group {
  std::string_view name;
  std::string_view color;
};
constexpr Group kMitosis{"mitosis", "#C80000"};
constexpr Group kHotspot{"hotspot", "#0072B2"};
constexpr Group kTissue{"tissue", "#2F9E44"};
constexpr Group kHole{"tissue hole", "#7A7A7A"};

/// Annotations in the making, and the groups that they are of.
class Annotations {
 public:
  void add_dot(const std::string& name, const PointL0& at) {
    add(name, "Dot", kMitosis, "#F4FA58", {at});
  }
  void add_polygon(const std::string& name, const Group& group, std::vector<PointL0> corners) {
    const auto rounded = [](double v) { return std::round(v * kPerPixel) / kPerPixel; };
    for (auto& corner : corners) corner = {rounded(corner.x), rounded(corner.y)};
    add(name, "Polygon", group, group.color, corners);
  }
  std::string xml(const std::vector<Group>& groups) const {
    std::string text = "<?xml version=\"1.0\"?>\n<ASAP_Annotations>\n\t<Annotations>\n" + items_ +
                       "\t</Annotations>\n\t<AnnotationGroups>\n";
    for (const auto& group : groups)
      text += fmt::format(
          "\t\t<Group Name=\"{}\" PartOfGroup=\"None\" Color=\"{}\">\n\t\t\t<Attributes />\n"
          "\t\t</Group>\n",
          group.name, group.color);
    return text + "\t</AnnotationGroups>\n</ASAP_Annotations>\n";
  }

 private:
  void add(const std::string& name,
           std::string_view type,
           const Group& group,
           std::string_view color,
           const std::vector<PointL0>& points) {
    items_ += fmt::format(
        "\t\t<Annotation Name=\"{}\" Type=\"{}\" PartOfGroup=\"{}\" Color=\"{}\">\n"
        "\t\t\t<Coordinates>\n",
        name, type, group.name, color);
    std::size_t order = 0;
    for (const auto& at : points)
      items_ += fmt::format("\t\t\t\t<Coordinate Order=\"{}\" X=\"{}\" Y=\"{}\" />\n", order++,
                            number_text(at.x), number_text(at.y));
    items_ += "\t\t\t</Coordinates>\n\t\t</Annotation>\n";
  }

  std::string items_;
};

void add_tissue(const TissueMask& mask, Annotations& out) {
  std::size_t piece = 0;
  std::size_t hole = 0;
  for (const auto& outline : image::outlines(mask, Ground::Tissue)) {
    out.add_polygon(fmt::format("tissue {}", ++piece), kTissue, outline.outer);
    for (const auto& ring : outline.holes)
      out.add_polygon(fmt::format("tissue hole {}", ++hole), kHole, ring);
  }
}

}  // namespace

std::string to_asap_xml(const Subject& subject) {
  Annotations out;
  std::vector<Group> groups{kMitosis};
  std::size_t rank = 0;
  for (const auto& found : subject.detections.items)
    out.add_dot(fmt::format("mitosis {} ({:.4f})", ++rank, found.score), found.center);
  if (const auto* hotspot = subject.hotspot; hotspot != nullptr && hotspot->count_max > 0) {
    groups.push_back(kHotspot);
    out.add_polygon(
        fmt::format("hotspot ({:.1f}, at most {})", hotspot->count_p95, hotspot->count_max),
        kHotspot,
        image::circle(subject.detections.grid, stats::drawn_center(*hotspot, subject.detections),
                      hotspot->radius_um));
  }
  if (subject.mask != nullptr) {
    groups.insert(groups.end(), {kTissue, kHole});
    add_tissue(*subject.mask, out);
  }
  return out.xml(groups);
}

}  // namespace mito::export_asap
