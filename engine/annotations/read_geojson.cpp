#include <array>

#include <spdlog/fmt/fmt.h>

#include "engine/annotations/json_node.h"
#include "engine/annotations/readers.h"
#include "engine/core/error.h"
#include "engine/types/points_csv.h"

namespace mito::annotations {
namespace {

/// Empty for a position that is not known (NaN).
std::optional<PointL0> position_of(const JsonNode& node) {
  const auto numbers = node.elements();
  if (numbers.size() < 2)
    node.fail(fmt::format("expected a position [x, y], found {} numbers", numbers.size()));
  std::array<double, 2> at{};
  for (std::size_t i = 0; i < at.size(); ++i) {
    const auto number = numbers[i].number_if_any();
    const bool is_text = numbers[i].value().is_string();
    if (!number && is_text && is_undefined_number(numbers[i].text())) return std::nullopt;
    if (!number && numbers[i].value().is_null()) return std::nullopt;
    if (!number || is_text) numbers[i].expected("a number");
    at[i] = *number;
  }
  return PointL0{at[0], at[1]};
}

/// What a geometry stands for: an area, or points.
struct Shape {
  std::vector<SignedRing> rings;
  std::vector<PointL0> points;
};

/// The outlines of a polygon: the first encloses it, the others are holes.
void add_rings(const JsonNode& polygon, Shape& shape) {
  int sign = 1;
  for (const auto& ring : polygon.elements()) {
    SignedRing outline{{}, sign};
    for (const auto& corner : ring.elements())
      if (const auto at = position_of(corner)) outline.ring.push_back(*at);
    if (!outline.ring.empty()) shape.rings.push_back(std::move(outline));
    sign = -1;
  }
}

void add_points(const JsonNode& list, Shape& shape) {
  for (const auto& point : list.elements())
    if (const auto at = position_of(point)) shape.points.push_back(*at);
}

void add_geometry(const JsonNode& geometry, Shape& shape, int depth = 0) {
  constexpr int kDeepest = 16;
  const std::string type = geometry.at("type").text();
  if (type == "GeometryCollection" && depth < kDeepest) {
    for (const auto& part : geometry.at("geometries").elements())
      add_geometry(part, shape, depth + 1);
    return;
  }
  const auto coordinates = geometry.find("coordinates");
  if (!coordinates || coordinates->value().empty()) return;  // nothing was drawn
  if (type == "Point") {
    if (const auto at = position_of(*coordinates)) shape.points.push_back(*at);
  } else if (type == "MultiPoint") {
    add_points(*coordinates, shape);
  } else if (type == "Polygon") {
    add_rings(*coordinates, shape);
  } else if (type == "MultiPolygon") {
    for (const auto& polygon : coordinates->elements()) add_rings(polygon, shape);
  }
}

/// Lines (rulers), shapes without a place and whatever else is neither points nor an area hold no
/// object.
std::string kind_of_geometry(const std::optional<JsonNode>& geometry) {
  if (!geometry) return "without a geometry";
  const std::string type = geometry->at("type").text();
  const bool has_place = type.ends_with("LineString") || type == "GeometryCollection";
  return has_place ? "of type " + type : "without a place";
}

/// The points that a geometry stands for.
std::vector<PointL0> points_of(const JsonNode& geometry) {
  Shape shape;
  add_geometry(geometry, shape);
  if (!shape.rings.empty()) return {centroid(shape.rings)};
  return shape.points;
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
/// What it could not compute is the text "NaN", and no score.
std::optional<double> probability_of(const JsonNode& properties) {
  const auto measurements = properties.find("measurements");
  if (!measurements) return std::nullopt;
  if (!measurements->value().is_array()) {
    const auto found = measurements->find("probability");
    return found ? found->number_if_any() : std::nullopt;
  }
  for (const auto& measurement : measurements->elements()) {
    const auto name = measurement.find("name");
    const auto value = measurement.find("value");
    if (name && value && name->value() == "probability") return value->number_if_any();
  }
  return std::nullopt;
}

void add_feature(const JsonNode& feature, Image& image) {
  Object object{{{}, "", {}, ""}, feature.path()};
  object.annotation.from_bounds = true;
  const auto id = feature.find("id");
  if (id && (id->value().is_string() || id->value().is_number_integer()))
    object.annotation.id = id->text_or_integer();
  const auto geometry = feature.find("geometry");
  std::vector<PointL0> points;
  try {
    if (const auto properties = feature.find("properties")) {
      object.annotation.label = label_of(*properties);
      object.annotation.score = probability_of(*properties);
    }
    if (geometry) points = points_of(*geometry);
  } catch (const DataError& error) {  // thrown again if the object counts
    object.problem = error.what();
  }
  if (object.problem.empty() && points.empty()) object.no_object = kind_of_geometry(geometry);
  if (points.empty()) image.objects.push_back(object);
  for (const auto& point : points) {
    object.annotation.center = point;
    image.objects.push_back(object);
  }
}

/// A feature collection, a list of features or of collections, or a single feature.
void add_all(const JsonNode& node, Image& image, int depth = 0) {
  constexpr int kDeepest = 4;
  if (node.value().is_array() && depth < kDeepest) {
    for (const auto& feature : node.elements()) add_all(feature, image, depth + 1);
    return;
  }
  if (const auto features = node.find("features")) {
    add_all(*features, image, depth + 1);
  } else {
    add_feature(node, image);
  }
}

}  // namespace

Contents read_geojson(const Source& source, const Naming& naming) {
  const auto document = parse_json(source);
  const JsonNode root(source, document);
  Image image{naming.image_of(source.path()), "", "", {}};
  add_all(root, image);
  Contents out{{std::move(image)}, true};
  out.where = [&source](const std::string& path) { return locate_json(source, path); };
  return out;
}

}  // namespace mito::annotations
