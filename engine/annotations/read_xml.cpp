// The formats that are XML.
#include <algorithm>
#include <cstdint>

#include <pugixml.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/annotations/readers.h"
#include "engine/annotations/xml_file.h"
#include "engine/core/error.h"
#include "engine/types/points_csv.h"

namespace mito::annotations {
namespace {

/// Elements of an XML file, with messages that name their place.
class XmlFile {
 public:
  explicit XmlFile(const Source& source) : source_(source) {
    const auto& text = source.text();
    // The text is UTF-8 here, whatever its first line says of the file.
    const auto result = document_.load_buffer(
        text.data(), text.size(), pugi::parse_default | pugi::parse_fragment, pugi::encoding_utf8);
    if (!result)
      source.fail(static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0)),
                  fmt::format("is not XML: {}", result.description()));
    if (!root()) source.fail(0, "is not XML: expected an element");
    for (const auto node : document_.children())
      if (node != root() && (node.type() == pugi::node_element || node.type() == pugi::node_pcdata))
        source.fail(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)),
                    fmt::format("something stands beside <{}>, which would be ignored: expected "
                                "one element",
                                root().name()));
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
  /// Does it state X or Y as a number that is none (NaN)?
  static bool is_nowhere(const pugi::xml_node& node) {
    for (const char* name : {"X", "Y"}) {
      const std::string text = node.attribute(name).value();
      if (!text.empty() && is_undefined_number(text)) return true;
    }
    return false;
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

/// Reads an object; what is wrong with it matters only when its class is wanted.
template <class Read>
void add_object(Object object, Image& image, Read read) {
  std::vector<PointL0> points;
  try {
    points = read(object);
  } catch (const DataError& error) {
    object.problem = error.what();
  }
  if (points.empty() && object.problem.empty() && object.no_object.empty())
    object.no_object = "without a place";
  if (points.empty()) image.objects.push_back(object);
  for (const auto& point : points) {
    object.annotation.center = point;
    image.objects.push_back(object);
  }
}

/// The corners of an outline or the points of a set, in their order.
Ring coordinates_of(const XmlFile& file, const pugi::xml_node& annotation) {
  std::vector<std::pair<double, PointL0>> ordered;
  for (const auto node : annotation.child("Coordinates").children("Coordinate")) {
    if (XmlFile::is_nowhere(node)) continue;
    const double order =
        node.attribute("Order") ? file.number(node, "Order") : static_cast<double>(ordered.size());
    ordered.push_back({order, {file.number(node, "X"), file.number(node, "Y")}});
  }
  std::ranges::stable_sort(ordered, {}, [](const auto& one) { return one.first; });
  Ring ring;
  for (const auto& [order, point] : ordered) ring.push_back(point);
  return ring;
}

void add_asap(const XmlFile& file, const pugi::xml_node& node, Image& image) {
  const std::string group = node.attribute("PartOfGroup").value();
  const std::string type = node.attribute("Type").value();
  Object object{{{}, group == "None" ? "" : group, {}, node.attribute("Name").value()},
                file.at(node)};
  const bool is_points = type == "Dot" || type == "PointSet";
  if (!is_points && type != "Polygon" && type != "Spline" && type != "Rectangle")
    object.no_object = type.empty() ? "without a type" : "of type " + type;
  add_object(std::move(object), image, [&](Object& one) -> std::vector<PointL0> {
    if (!one.no_object.empty()) return {};
    one.annotation.score = parse_number(trimmed(node.attribute("Score").value()));
    Ring ring = coordinates_of(file, node);
    if (type == "Dot" && ring.size() > 1)
      file.fail(node, fmt::format("expected one <Coordinate> in a Dot, found {}", ring.size()));
    if (is_points || ring.empty()) return ring;
    return {centroid({{ring, 1}})};
  });
}

/// Kinds of regions in ImageScope.
enum class RegionKind : std::uint8_t { Area = 0, Rectangle = 1, Ellipse = 2, Arrow = 3, Ruler = 4 };

Ring vertices_of(const XmlFile& file, const pugi::xml_node& region) {
  Ring ring;
  for (const auto node : region.child("Vertices").children("Vertex"))
    if (!XmlFile::is_nowhere(node))
      ring.push_back({file.number(node, "X"), file.number(node, "Y")});
  return ring;
}

/// The names of a layer: its own, and what its attributes say.
std::vector<std::string> names_of_layer(const pugi::xml_node& layer) {
  std::vector<std::string> names{layer.attribute("Name").value()};
  for (const auto attribute : layer.child("Attributes").children("Attribute")) {
    names.emplace_back(attribute.attribute("Value").value());
    const std::string name = attribute.attribute("Name").value();
    if (name != "Description") names.push_back(name);  // what ImageScope calls it by itself
  }
  return names;
}

void add_region(const XmlFile& file,
                const pugi::xml_node& region,
                const std::vector<std::string>& layer,
                Image& image) {
  Object object{{{}, "", {}, region.attribute("Id").value()}, file.at(region)};
  for (const auto& name : layer)
    if (!trimmed(name).empty()) object.other_names.push_back(trimmed(name));
  if (const auto text = trimmed(region.attribute("Text").value()); !text.empty())
    object.other_names.push_back(text);
  if (!object.other_names.empty()) object.annotation.label = object.other_names.front();
  const auto kind = static_cast<RegionKind>(region.attribute("Type").as_uint());
  if (kind == RegionKind::Arrow) object.no_object = "of type arrow";
  if (kind == RegionKind::Ruler) object.no_object = "of type ruler";
  if (region.attribute("NegativeROA").as_int() != 0) object.no_object = "cut out of a region";
  add_object(std::move(object), image, [&](Object& one) -> std::vector<PointL0> {
    if (!one.no_object.empty()) return {};
    const Ring ring = vertices_of(file, region);
    if (ring.size() == 2 && kind != RegionKind::Ellipse && kind != RegionKind::Rectangle)
      one.no_object = "of type line";
    if (ring.empty() || !one.no_object.empty()) return {};
    return {centroid({{ring, 1}})};  // of two corners their middle
  });
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

Contents read_imagescope(const Source& source, const Naming& naming) {
  const XmlFile file(source);
  file.expect_root("Annotations");
  Image image{naming.image_of(source.path()), "", source.at(0), {}};
  for (const auto layer : file.root().children("Annotation")) {
    const auto names = names_of_layer(layer);
    for (const auto region : layer.child("Regions").children("Region"))
      add_region(file, region, names, image);
  }
  return {{std::move(image)}, true};
}

Contents read_voc(const Source& source) {
  const XmlFile file(source);
  file.expect_root("annotation");
  const auto name = file.child(file.root(), "filename");
  Image image{without_image_extension(file.text(name)), "", file.at(name), {}};
  for (const auto node : file.root().children("object")) {
    const auto label = file.child(node, "name");
    Object object{{{}, trimmed(label.text().get()), {}, ""}, file.at(label)};
    add_object(std::move(object), image, [&](Object& one) -> std::vector<PointL0> {
      one.annotation.score = parse_number(trimmed(node.child("score").text().get()));
      const auto box = node.child("bndbox");
      if (!box) {
        one.no_object = "without a box";
        return {};
      }
      const auto is_nowhere = [](const pugi::xml_node& side) {
        return is_undefined_number(side.text().get()) && side.first_child();
      };
      if (std::ranges::any_of(box.children(), is_nowhere)) {
        one.no_object = "without a place";
        return {};
      }
      const double x0 = file.number(file.child(box, "xmin"));
      const double y0 = file.number(file.child(box, "ymin"));
      const double x1 = file.number(file.child(box, "xmax"));
      const double y1 = file.number(file.child(box, "ymax"));
      if (x1 < x0 || y1 < y0) file.fail(box, "expected xmin <= xmax and ymin <= ymax");
      return {{(x0 + x1) / 2, (y0 + y1) / 2}};
    });
  }
  return {{std::move(image)}};
}

}  // namespace mito::annotations
