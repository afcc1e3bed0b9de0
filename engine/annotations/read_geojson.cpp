#include <spdlog/fmt/fmt.h>

#include "engine/annotations/json_file.h"
#include "engine/annotations/readers.h"

namespace mito::annotations {
namespace {

PointL0 position_of(const JsonNode& node) {
  const auto numbers = node.elements();
  if (numbers.size() < 2)
    node.fail(fmt::format("expected a position [x, y], found {} numbers", numbers.size()));
  return {numbers[0].number(), numbers[1].number()};
}

/// The outlines of a polygon: the first encloses it, the others are holes.
void add_rings(const JsonNode& polygon, std::vector<SignedRing>& rings) {
  int sign = 1;
  for (const auto& ring : polygon.elements()) {
    rings.push_back({{}, sign});
    for (const auto& corner : ring.elements()) rings.back().ring.push_back(position_of(corner));
    if (rings.back().ring.empty()) ring.fail("expected the corners of a polygon, found none");
    sign = -1;
  }
}

/// The points that a geometry stands for.
std::vector<PointL0> points_of(const JsonNode& geometry) {
  const auto type = geometry.at("type");
  const auto coordinates = geometry.at("coordinates");
  if (type.text() == "Point") return {position_of(coordinates)};
  if (type.text() == "MultiPoint") {
    std::vector<PointL0> points;
    for (const auto& point : coordinates.elements()) points.push_back(position_of(point));
    return points;
  }
  std::vector<SignedRing> rings;
  if (type.text() == "Polygon") {
    add_rings(coordinates, rings);
  } else if (type.text() == "MultiPolygon") {
    for (const auto& polygon : coordinates.elements()) add_rings(polygon, rings);
  } else {
    type.expected("Point, MultiPoint, Polygon or MultiPolygon");
  }
  if (rings.empty()) coordinates.fail("expected the corners of a polygon, found none");
  return {centroid(rings)};
}

/// QuPath writes {"name": "Tumor"} or, for derived classes, {"names": ["Tumor", "Positive"]}.
std::string label_of(const JsonNode& properties) {
  const auto classification = properties.find("classification");
  if (!classification) return "";
  if (classification->value().is_string()) return classification->text();
  if (const auto name = classification->find("name")) return name->text();
  const auto names = classification->find("names");
  if (!names) return "";
  std::string label;
  for (const auto& name : names->elements()) label += (label.empty() ? "" : ": ") + name.text();
  return label;
}

/// QuPath writes {"probability": 0.9}; before version 0.4 [{"name": "probability", "value": 0.9}].
std::optional<double> probability_of(const JsonNode& properties) {
  const auto measurements = properties.find("measurements");
  if (!measurements) return std::nullopt;
  if (!measurements->value().is_array()) {
    const auto found = measurements->find("probability");
    return found ? std::optional(found->number()) : std::nullopt;
  }
  for (const auto& measurement : measurements->elements())
    if (measurement.at("name").text() == "probability") return measurement.at("value").number();
  return std::nullopt;
}

void add_feature(const JsonNode& feature, Image& image) {
  const auto type = feature.at("type");
  if (type.text() != "Feature") type.expected("Feature");
  Annotation annotation;
  annotation.label = "";
  annotation.from_bounds = true;
  if (const auto id = feature.find("id")) annotation.id = id->text_or_integer();
  if (const auto properties = feature.find("properties")) {
    annotation.label = label_of(*properties);
    annotation.score = probability_of(*properties);
  }
  for (const auto& point : points_of(feature.at("geometry"))) {
    annotation.center = point;
    image.objects.push_back({annotation, feature.path()});
  }
}

}  // namespace

Contents read_geojson(const Source& source, const Naming& naming) {
  const auto document = parse_json(source);
  const JsonNode root(source, document);
  Image image{naming.image_of(source.path()), "", "", {}};
  if (document.is_array()) {
    for (const auto& feature : root.elements()) add_feature(feature, image);
  } else if (root.at("type").text() == "FeatureCollection") {
    for (const auto& feature : root.at("features").elements()) add_feature(feature, image);
  } else {
    add_feature(root, image);
  }
  Contents out{{std::move(image)}, true};
  out.where = [&source](const std::string& path) { return locate_json(source, path); };
  return out;
}

}  // namespace mito::annotations
