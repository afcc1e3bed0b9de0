#include <array>
#include <map>
#include <set>

#include <spdlog/fmt/fmt.h>

#include "engine/annotations/json_file.h"
#include "engine/annotations/readers.h"

namespace mito::annotations {
namespace {

/// Category names by number; those of MIDOG when the file has no list of them.
std::map<std::int64_t, std::string> categories_of(const JsonNode& root) {
  const auto list = root.find("categories");
  if (!list) return {{1, "mitotic figure"}, {2, "not mitotic figure"}};
  std::map<std::int64_t, std::string> names;
  for (const auto& category : list->elements()) {
    const auto id = category.at("id");
    if (!names.emplace(id.integer(), category.at("name").text()).second)
      id.fail(fmt::format("category {} is listed twice", id.integer()));
  }
  return names;
}

/// The box's centre.
PointL0 center_of(const JsonNode& box) {
  const auto corners = box.elements();
  if (corners.size() != 4)
    box.fail(fmt::format("expected four numbers [x0, y0, x1, y1], found {}", corners.size()));
  std::array<double, 4> v{};
  for (std::size_t i = 0; i < 4; ++i) v[i] = corners[i].number();
  if (v[2] < v[0] || v[3] < v[1])
    box.fail(
        fmt::format("expected corners [x0, y0, x1, y1] with x0 <= x1 and y0 <= y1, found {}; "
                    "is it [x, y, width, height]?",
                    box.value().dump()));
  return {(v[0] + v[2]) / 2, (v[1] + v[3]) / 2};
}

}  // namespace

Contents read_midog(const Source& source) {
  const auto document = parse_json(source);
  const JsonNode root(source, document);
  Contents out;
  out.where = [&source](const std::string& path) { return locate_json(source, path); };

  std::map<std::int64_t, std::size_t> index;
  std::set<std::string> names;
  for (const auto& image : root.at("images").elements()) {
    const auto id = image.at("id");
    const auto file = image.at("file_name");
    if (!index.emplace(id.integer(), out.images.size()).second)
      id.fail(fmt::format("image {} is listed twice", id.integer()));
    out.images.push_back({without_image_extension(file.text()), "", image.path(), {}});
    if (!names.insert(out.images.back().name).second)
      file.fail(fmt::format("image '{}' is listed twice", file.text()));
  }

  const auto categories = categories_of(root);
  for (const auto& object : root.at("annotations").elements()) {
    const auto image = object.at("image_id");
    const auto category = object.at("category_id");
    const auto found = index.find(image.integer());
    if (found == index.end()) image.fail(fmt::format("there is no image {}", image.integer()));
    const auto name = categories.find(category.integer());
    if (name == categories.end())
      category.fail(fmt::format("there is no category {}", category.integer()));
    Annotation annotation{center_of(object.at("bbox")), name->second, {}, ""};
    if (const auto score = object.find("score")) annotation.score = score->number();
    if (const auto id = object.find("id")) annotation.id = id->text_or_integer();
    out.images[found->second].objects.push_back({std::move(annotation), category.path()});
  }
  return out;
}

}  // namespace mito::annotations
