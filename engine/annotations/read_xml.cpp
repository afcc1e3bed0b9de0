// The formats that are XML.
#include <algorithm>

#include <pugixml.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/annotations/readers.h"
#include "engine/annotations/xml_file.h"

namespace mito::annotations {
namespace {

/// Elements of an XML file, with messages that name their place.
class XmlFile {
 public:
  explicit XmlFile(const Source& source) : source_(source) {
    const auto& text = source.text();
    const auto result = document_.load_buffer(text.data(), text.size());
    if (!result)
      source.fail(static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0)),
                  fmt::format("is not XML: {}", result.description()));
  }

  pugi::xml_node root() const { return document_.document_element(); }
  std::string at(const pugi::xml_node& node) const {
    return source_.at(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)));
  }
  [[noreturn]] void fail(const pugi::xml_node& node, const std::string& problem) const {
    source_.fail(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)),
                 fmt::format("<{}>: {}", node.name(), problem));
  }
  void expect_root(std::string_view name) const {
    if (name != root().name()) fail(root(), fmt::format("expected the element <{}>", name));
  }
  pugi::xml_node child(const pugi::xml_node& node, const char* name) const {
    const auto found = node.child(name);
    if (!found) fail(node, fmt::format("expected an element <{}> in it", name));
    return found;
  }
  std::string text(const pugi::xml_node& node) const {
    std::string found = trimmed(node.text().get());
    if (found.empty()) fail(node, "expected a text, found nothing");
    return found;
  }
  double number(const pugi::xml_node& node) const { return parsed(node, "", node.text().get()); }
  std::string attribute(const pugi::xml_node& node, const char* name) const {
    const auto found = node.attribute(name);
    if (!found) fail(node, fmt::format("expected an attribute '{}'", name));
    return found.value();
  }
  double number(const pugi::xml_node& node, const char* name) const {
    return parsed(node, fmt::format("attribute '{}': ", name), attribute(node, name));
  }

 private:
  double parsed(const pugi::xml_node& node,
                const std::string& prefix,
                const std::string& text) const {
    const auto value = parse_number(trimmed(text));
    if (!value) fail(node, fmt::format("{}expected a number, found '{}'", prefix, text));
    return *value;
  }

  const Source& source_;
  pugi::xml_document document_;
};

/// The corners of an outline or the points of a set, in their order.
Ring coordinates_of(const XmlFile& file, const pugi::xml_node& annotation) {
  const auto list = file.child(annotation, "Coordinates");
  std::vector<std::pair<double, PointL0>> ordered;
  for (const auto node : list.children("Coordinate")) {
    const double order =
        node.attribute("Order") ? file.number(node, "Order") : static_cast<double>(ordered.size());
    ordered.push_back({order, {file.number(node, "X"), file.number(node, "Y")}});
  }
  if (ordered.empty()) file.fail(list, "expected an element <Coordinate> in it");
  std::ranges::stable_sort(ordered, {}, [](const auto& one) { return one.first; });
  Ring ring;
  for (const auto& [order, point] : ordered) ring.push_back(point);
  return ring;
}

void add_asap(const XmlFile& file, const pugi::xml_node& node, Image& image) {
  const std::string type = file.attribute(node, "Type");
  const std::string group = node.attribute("PartOfGroup").value();
  Annotation annotation{{}, group == "None" ? "" : group, {}, node.attribute("Name").value()};
  if (node.attribute("Score")) annotation.score = file.number(node, "Score");
  const Ring ring = coordinates_of(file, node);
  if (type == "Dot" && ring.size() != 1)
    file.fail(node, fmt::format("expected one <Coordinate> in a Dot, found {}", ring.size()));
  if (type == "Dot" || type == "PointSet") {
    for (const auto& point : ring) {
      annotation.center = point;
      image.objects.push_back({annotation, file.at(node)});
    }
  } else if (type == "Polygon" || type == "Spline" || type == "Rectangle") {
    annotation.center = centroid({{ring, 1}});
    image.objects.push_back({annotation, file.at(node)});
  } else {
    file.fail(node, fmt::format("attribute 'Type': expected Dot, PointSet, Polygon, Spline or "
                                "Rectangle, found '{}'",
                                type));
  }
}

}  // namespace

std::string xml_root(const Source& source) { return XmlFile(source).root().name(); }

Contents read_asap(const Source& source, const Naming& naming) {
  const XmlFile file(source);
  file.expect_root("ASAP_Annotations");
  Image image{naming.image_of(source.path()), "", source.at(0), {}};
  for (const auto node : file.child(file.root(), "Annotations").children("Annotation"))
    add_asap(file, node, image);
  return {{std::move(image)}, true};
}

Contents read_voc(const Source& source) {
  const XmlFile file(source);
  file.expect_root("annotation");
  const auto name = file.child(file.root(), "filename");
  Image image{without_image_extension(file.text(name)), "", file.at(name), {}};
  for (const auto node : file.root().children("object")) {
    const auto label = file.child(node, "name");
    const auto box = file.child(node, "bndbox");
    const double x0 = file.number(file.child(box, "xmin"));
    const double y0 = file.number(file.child(box, "ymin"));
    const double x1 = file.number(file.child(box, "xmax"));
    const double y1 = file.number(file.child(box, "ymax"));
    if (x1 < x0 || y1 < y0) file.fail(box, "expected xmin <= xmax and ymin <= ymax");
    Annotation annotation{{(x0 + x1) / 2, (y0 + y1) / 2}, file.text(label), {}, ""};
    if (const auto score = node.child("score")) annotation.score = file.number(score);
    image.objects.push_back({std::move(annotation), file.at(label)});
  }
  return {{std::move(image)}};
}

}  // namespace mito::annotations
