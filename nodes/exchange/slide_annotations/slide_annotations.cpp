#include "nodes/exchange/slide_annotations/slide_annotations.h"

#include <filesystem>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/slide_names.h"

namespace mito::slide_annotations {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const SlideInfo& slide, const AnnotationTable& table) {
  std::vector<std::string> names;
  bool have_folders = false;
  for (const auto& image : table.images) {
    names.push_back(image.name);
    have_folders = have_folders || image.name.find('/') != std::string::npos;
  }
  const fs::path whole = fs::absolute(slide.path).lexically_normal();
  std::string hint;
  if (have_folders)
    hint = did_you_mean((whole.parent_path().filename() / whole.stem()).string(), names);
  if (hint.empty()) hint = did_you_mean(slide.name, names);
  throw DataError(fmt::format(
      "slide '{}' ({}) is not among the {} images of the annotations{}; missing: none takes it for "
      "one without marked objects",
      slide.name, slide.path.string(), names.size(), hint));
}

/// In level-0 pixels: QuPath counts from the corner of what was scanned.
ImageAnnotations on_level0(const SlideInfo& slide, ImageAnnotations annotations) {
  for (auto& item : annotations.items) {
    if (!std::exchange(item.from_bounds, false)) continue;
    item.center.x += slide.bounds_corner().x;
    item.center.y += slide.bounds_corner().y;
  }
  return annotations;
}

bool lies_on(const SlideInfo& slide, const PointL0& at) {
  return at.x >= -0.5 && at.y >= -0.5 && at.x <= static_cast<double>(slide.width) - 0.5 &&
         at.y <= static_cast<double>(slide.height) - 0.5;
}

}  // namespace

const ImageAnnotations* find(const fs::path& file, const AnnotationTable& table) {
  std::vector<std::string> names;
  for (const auto& image : table.images) names.push_back(image.name);
  const auto own = names_of_slide(names, file);
  return own.empty() ? nullptr : &table.images[own.front()];
}

ImageAnnotations of_slide(const Params& params,
                          const SlideInfo& slide,
                          const AnnotationTable& table) {
  const auto* found = find(slide.path, table);
  if (found == nullptr) {
    if (params.missing == "error") refuse(slide, table);
    return {slide.name, "", {}};
  }
  auto out = on_level0(slide, *found);
  for (std::size_t i = 0; i < out.items.size(); ++i) {
    const auto& item = out.items[i];
    if (lies_on(slide, item.center)) continue;
    throw DataError(
        fmt::format("slide '{}' ({}): object {} of image '{}' ({}{}) at ({}, {}) does not lie on "
                    "its {} x {} px",
                    slide.name, slide.path.string(), i + 1, found->name, item.label,
                    item.id.empty() ? "" : ", id " + item.id, number_text(item.center.x),
                    number_text(item.center.y), slide.width, slide.height));
  }
  return out;
}

}  // namespace mito::slide_annotations
