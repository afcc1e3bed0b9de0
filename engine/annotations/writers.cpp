#include "engine/annotations/writers.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito::annotations {
namespace {

using Json = nlohmann::ordered_json;

/// The ids as numbers, if all of them are, and each occurs once.
std::optional<std::vector<std::int64_t>> numeric_ids(const AnnotationTable& table) {
  std::vector<std::int64_t> ids;
  std::set<std::int64_t> seen;
  for (const auto& image : table.images) {
    for (const auto& item : image.items) {
      std::int64_t id = 0;
      const char* end = item.id.data() + item.id.size();
      const auto parsed = std::from_chars(item.id.data(), end, id);
      if (parsed.ec != std::errc() || parsed.ptr != end || std::to_string(id) != item.id ||
          !seen.insert(id).second)
        return std::nullopt;
      ids.push_back(id);
    }
  }
  return ids;
}

std::string one_line(const std::string& text, const std::string& image) {
  if (text.find_first_of("\r\n") != std::string::npos)
    throw DataError(
        fmt::format("image '{}': '{}' has a line break, csv has no place for it", image, text));
  return csv_field(text);
}

/// Text that is not UTF-8 (a label in Latin-1) must not stop the export.
std::string dumped(const Json& json) { return json_text(json, 1); }

std::string text_of(const pugi::xml_document& document) {
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

void add(pugi::xml_node& parent, const char* name, const std::string& text) {
  parent.append_child(name).text().set(text.c_str());
}

void attribute(pugi::xml_node& node, const char* name, const std::string& value) {
  node.append_attribute(name).set_value(value.c_str());
}

}  // namespace

std::string color_of(const std::string& label) {
  return label == kMitosisLabel ? "#C80000" : "#0000C8";
}

std::vector<std::string> classes_of(const AnnotationTable& table) {
  std::vector<std::string> names{std::string(kMitosisLabel), std::string(kHardNegativeLabel)};
  std::set<std::string> known(names.begin(), names.end());
  for (const auto& image : table.images)
    for (const auto& item : image.items)
      if (known.insert(item.label).second) names.push_back(item.label);
  return names;
}

std::map<std::string, std::int64_t> numbered(const std::vector<std::string>& classes) {
  std::map<std::string, std::int64_t> numbers;
  for (const auto& name : classes)
    numbers.emplace(name, static_cast<std::int64_t>(numbers.size()) + 1);
  return numbers;
}

std::string class_name(const std::string& label) {
  if (label == kMitosisLabel) return "mitotic figure";
  if (label == kHardNegativeLabel) return "not mitotic figure";
  return label;
}

std::string write_csv(const AnnotationTable& table, const std::string& extension) {
  bool has_cases = false;
  for (const auto& image : table.images) has_cases = has_cases || !image.case_id.empty();
  std::string text = fmt::format("slide,x,y,score,label,id{}\n", has_cases ? ",case" : "");
  for (const auto& image : table.images) {
    const std::string name = one_line(image.name + extension, image.name);
    const std::string end = has_cases ? ',' + one_line(image.case_id, image.name) + '\n' : "\n";
    if (image.items.empty()) text += fmt::format("{},,,,,{}", name, end);  // known to hold none
    for (const auto& item : image.items)
      text += fmt::format("{},{},{},{},{},{}{}", name, number_text(item.center.x),
                          number_text(item.center.y), item.score ? number_text(*item.score) : "",
                          one_line(item.label, image.name), one_line(item.id, image.name), end);
  }
  return text;
}

std::string write_midog(const AnnotationTable& table, double box_px, const std::string& extension) {
  const auto classes = classes_of(table);
  const auto numbers = numbered(classes);
  const auto ids = numeric_ids(table);
  Json images = Json::array();
  Json annotations = Json::array();
  for (const auto& image : table.images) {
    images.push_back({{"file_name", image.name + extension}, {"id", images.size() + 1}});
    for (const auto& item : image.items) {
      const auto& c = item.center;
      const double half = box_px / 2;
      Json one{{"bbox", {c.x - half, c.y - half, c.x + half, c.y + half}},
               {"category_id", numbers.at(item.label)},
               {"image_id", images.size()},
               {"id", ids ? (*ids)[annotations.size()]
                          : static_cast<std::int64_t>(annotations.size()) + 1}};
      if (item.score) one["score"] = *item.score;
      annotations.push_back(std::move(one));
    }
  }
  Json categories = Json::array();
  for (const auto& name : classes)
    categories.push_back({{"id", categories.size() + 1}, {"name", class_name(name)}});
  return dumped({{"images", images}, {"categories", categories}, {"annotations", annotations}});
}

std::string write_geojson(const ImageAnnotations& image) {
  Json features = Json::array();
  for (const auto& item : image.items) {
    Json feature{{"type", "Feature"}};
    if (!item.id.empty()) feature["id"] = item.id;
    feature["geometry"] = {{"type", "Point"}, {"coordinates", {item.center.x, item.center.y}}};
    Json color = {0, 0, 200};
    if (item.label == kMitosisLabel) color = {200, 0, 0};
    feature["properties"] = {{"objectType", "annotation"},
                             {"classification", {{"name", item.label}, {"color", color}}}};
    if (item.score) feature["properties"]["measurements"] = {{"probability", *item.score}};
    features.push_back(std::move(feature));
  }
  return dumped({{"type", "FeatureCollection"}, {"features", features}});
}

std::string write_asap(const ImageAnnotations& image) {
  pugi::xml_document document;
  auto root = document.append_child("ASAP_Annotations");
  auto annotations = root.append_child("Annotations");
  std::vector<std::string> groups;
  std::set<std::string> known;
  for (const auto& item : image.items) {
    if (known.insert(item.label).second) groups.push_back(item.label);
    auto node = annotations.append_child("Annotation");
    attribute(node, "Name", item.id);
    attribute(node, "Type", "Dot");
    attribute(node, "PartOfGroup", item.label);
    attribute(node, "Color", "#F4FA58");
    if (item.score) attribute(node, "Score", number_text(*item.score));
    auto point = node.append_child("Coordinates").append_child("Coordinate");
    attribute(point, "Order", "0");
    attribute(point, "X", number_text(item.center.x));
    attribute(point, "Y", number_text(item.center.y));
  }
  auto list = root.append_child("AnnotationGroups");
  for (const auto& name : groups) {
    auto group = list.append_child("Group");
    attribute(group, "Name", name);
    attribute(group, "PartOfGroup", "None");
    attribute(group, "Color", color_of(name));
    group.append_child("Attributes");
  }
  return text_of(document);
}

std::string write_voc(const ImageAnnotations& image, double box_px, const std::string& extension) {
  pugi::xml_document document;
  auto root = document.append_child("annotation");
  add(root, "filename", image.name + extension);
  for (const auto& item : image.items) {
    auto object = root.append_child("object");
    add(object, "name", item.label);
    if (item.score) add(object, "score", number_text(*item.score));
    auto box = object.append_child("bndbox");
    add(box, "xmin", number_text(item.center.x - box_px / 2));
    add(box, "ymin", number_text(item.center.y - box_px / 2));
    add(box, "xmax", number_text(item.center.x + box_px / 2));
    add(box, "ymax", number_text(item.center.y + box_px / 2));
  }
  return text_of(document);
}

std::string write_icpr(const ImageAnnotations& image) {
  std::string text;
  for (const auto& item : image.items) {
    const double x = std::floor(item.center.x + 0.5);
    const double y = std::floor(item.center.y + 0.5);
    const auto refuse = [&](const std::string& problem) {
      throw DataError(fmt::format("image '{}': icpr has no place for {}", image.name, problem));
    };
    if (item.label != kMitosisLabel)
      refuse(fmt::format("objects of class '{}', only for {}", item.label, kMitosisLabel));
    if (x < 0 || y < 0) refuse(fmt::format("an object off the image, at ({}, {})", x, y));
    text += fmt::format("{},{}\n", static_cast<std::int64_t>(x), static_cast<std::int64_t>(y));
  }
  return text;
}

std::string write_tupac(const ImageAnnotations& image, std::string_view label) {
  std::string text;
  for (const auto& item : image.items)
    if (item.label == label)
      text += number_text(item.center.y) + ',' + number_text(item.center.x) +
              (item.score ? ',' + number_text(*item.score) : "") + '\n';
  return text;
}

}  // namespace mito::annotations
