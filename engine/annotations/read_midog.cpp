#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/annotations/box_kind.h"
#include "engine/annotations/json_node.h"
#include "engine/annotations/readers.h"
#include "engine/core/error.h"
#include "engine/types/points_csv.h"

namespace mito::annotations {
namespace {

/// Category names by number; those of MIDOG when the file has no list of them.
std::map<std::string, std::string> categories_of(const JsonNode& root) {
  const auto list = root.find("categories");
  if (!list) return {{"1", "mitotic figure"}, {"2", "not mitotic figure"}};
  std::map<std::string, std::string> names;
  for (const auto& category : list->elements()) {
    const auto id = category.at("id");
    if (!names.emplace(id.text_or_integer(), category.at("name").text()).second)
      id.fail(fmt::format("category {} is listed twice", id.text_or_integer()));
  }
  return names;
}

/// The four numbers of a box; empty when it has none, or one that is not known (NaN).
std::optional<Box> box_of(const JsonNode& object) {
  const auto node = object.find("bbox");
  if (!node || (node->value().is_array() && node->value().empty())) return std::nullopt;
  const auto numbers = node->elements();
  if (numbers.size() != 4)
    node->fail(fmt::format("expected four numbers [x0, y0, x1, y1], found {}", numbers.size()));
  Box box;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& value = numbers[i].value();
    if (value.is_null() || (value.is_string() && is_undefined_number(numbers[i].text())))
      return std::nullopt;
    box.numbers[i] = numbers[i].number();
  }
  if (const auto area = object.find("area")) box.area = area->number_if_any();
  return box;
}

/// A number of the image, such as its width; empty where the file does not state it.
std::optional<double> size_of(const JsonNode& image, std::string_view member) {
  const auto size = image.find(member);
  if (!size || !size->value().is_number() || size->number() <= 0) return std::nullopt;
  return size->number();
}

/// Reads the lists of one file.
class Reader {
 public:
  Reader(const Source& source, const JsonNode& root) : source_(source), root_(root) {}

  Contents read(const std::string& kind_of_box) {
    contents_.where = [&source = source_](const std::string& path) {
      return locate_json(source, path);
    };
    for (const auto& image : root_.at("images").elements()) add_image(image);
    categories_ = categories_of(root_);
    for (const auto& object : root_.at("annotations").elements()) add_object(object);
    place_boxes(kind_of_box);
    return std::move(contents_);
  }

 private:
  struct Placed {
    std::size_t image = 0;
    std::size_t object = 0;
    std::string path;
  };

  void add_image(const JsonNode& image) {
    const auto id = image.at("id");
    const auto file = image.at("file_name");
    if (!index_.emplace(id.text_or_integer(), contents_.images.size()).second)
      id.fail(fmt::format("image {} is listed twice", id.text_or_integer()));
    contents_.images.push_back({without_image_extension(file.text()), "", image.path(), {}});
    sizes_.emplace_back(size_of(image, "width"), size_of(image, "height"));
    if (!names_.insert(contents_.images.back().name).second)
      file.fail(fmt::format("image '{}' is listed twice", file.text()));
  }

  void add_object(const JsonNode& node) {
    const auto image = node.at("image_id");
    const auto category = node.find("category_id");
    const auto found = index_.find(image.text_or_integer());
    if (found == index_.end())
      image.fail(fmt::format("there is no image {}", image.text_or_integer()));
    Object object;
    object.annotation.label = category ? class_of(category->text_or_integer()) : "";
    object.place = category ? category->path() : node.path();
    if (const auto score = node.find("score")) object.annotation.score = score->number_if_any();
    const auto id = node.find("id");
    if (id && (id->value().is_string() || id->value().is_number_integer()))
      object.annotation.id = id->text_or_integer();
    auto& objects = contents_.images[found->second].objects;
    try {
      if (auto box = box_of(node)) {
        std::tie(box->image_width, box->image_height) = sizes_[found->second];
        boxes_.push_back(*box);
        placed_.push_back({found->second, objects.size(), node.path() + "/bbox"});
      } else {
        object.no_object = "without a box";
      }
    } catch (const DataError& error) {  // thrown again if the object counts
      object.problem = error.what();
    }
    objects.push_back(std::move(object));
  }

  /// A class that is not listed has its number for a name, which is none that is wanted.
  std::string class_of(const std::string& category) const {
    const auto found = categories_.find(category);
    return found == categories_.end() ? "category " + category : found->second;
  }

  /// Centres, once all boxes of the file have said what their numbers are.
  void place_boxes(const std::string& kind) {
    const BoxKind known = kind == "auto"   ? kind_of(boxes_)
                          : kind == "size" ? BoxKind::Size
                                           : BoxKind::Corners;
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      auto& object = contents_.images[placed_[i].image].objects[placed_[i].object];
      const auto center = center_of(boxes_[i], known);
      if (center) {
        object.annotation.center = *center;
      } else {
        object.problem = fmt::format("{}: {}: {}", locate_json(source_, placed_[i].path),
                                     placed_[i].path, unclear(boxes_[i], known));
      }
    }
  }

  const Source& source_;
  const JsonNode& root_;
  Contents contents_;
  std::map<std::string, std::size_t> index_;
  std::set<std::string> names_;
  std::vector<std::pair<std::optional<double>, std::optional<double>>> sizes_;
  std::map<std::string, std::string> categories_;
  std::vector<Box> boxes_;
  std::vector<Placed> placed_;
};

}  // namespace

Contents read_midog(const Source& source, const std::string& kind_of_box) {
  const auto document = parse_json(source);
  const JsonNode root(source, document);
  return Reader(source, root).read(kind_of_box);
}

}  // namespace mito::annotations
