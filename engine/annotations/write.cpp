#include "engine/annotations/write.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/annotations/source.h"
#include "engine/annotations/writers.h"
#include "engine/core/error.h"

namespace mito::annotations {
namespace {

namespace fs = std::filesystem;

void require_safe(const std::string& name) {
  const fs::path path = fs::path(name).lexically_normal();
  if (name.empty() || path.is_absolute() || *path.begin() == ".." || !path.has_filename() ||
      path == ".")
    throw DataError(fmt::format("image '{}': the name cannot be that of a file", name));
}

bool has_hard_negatives(const AnnotationTable& table) {
  return std::ranges::any_of(table.images, [](const ImageAnnotations& image) {
    return std::ranges::find(image.items, kHardNegativeLabel, &Annotation::label) !=
           image.items.end();
  });
}

/// CASE/IMAGE in the layout of TUPAC16.
std::string tupac_path(const ImageAnnotations& image) {
  for (const auto& item : image.items)
    if (item.label != kMitosisLabel && item.label != kHardNegativeLabel)
      throw DataError(fmt::format(
          "image '{}': tupac has no place for objects of class '{}', only for {} and {}",
          image.name, item.label, kMitosisLabel, kHardNegativeLabel));
  const auto slash = image.name.find('/');
  if (slash != std::string::npos) {
    if (image.name.find('/', slash + 1) != std::string::npos ||
        (!image.case_id.empty() && image.case_id != image.name.substr(0, slash)))
      throw DataError(fmt::format(
          "image '{}' of case '{}': cannot be called CASE/IMAGE.csv as the files of tupac are",
          image.name, image.case_id));
    return image.name;
  }
  if (image.case_id.empty())
    throw DataError(fmt::format(
        "image '{}': has no case, and the files of tupac are called CASE/IMAGE.csv", image.name));
  return image.case_id + '/' + image.name;
}

std::vector<OutputFile> write_tupac_set(const AnnotationTable& table) {
  std::vector<OutputFile> out;
  const bool negatives = has_hard_negatives(table);
  for (const auto& image : table.images) {
    const std::string path = tupac_path(image) + ".csv";
    require_safe(path);
    out.push_back({"mitoses_ground_truth/" + path, write_tupac(image, kMitosisLabel)});
    if (negatives)
      out.push_back({"nonmitoses_ground_truth/" + path, write_tupac(image, kHardNegativeLabel)});
  }
  return out;
}

OutputFile write_image(const ImageAnnotations& image, const WriteParams& params) {
  const std::string base = "annotations/" + image.name;
  if (params.format == "asap") return {base + ".xml", write_asap(image)};
  if (params.format == "geojson") return {base + ".geojson", write_geojson(image)};
  if (params.format == "icpr") return {base + ".csv", write_icpr(image)};
  if (params.format == "voc")
    return {base + ".xml", write_voc(image, params.box_px, params.image_extension)};
  throw ConfigError("no format of annotations '" + params.format + "'");
}

}  // namespace

std::vector<OutputFile> write(const AnnotationTable& table, const WriteParams& params) {
  for (const auto& image : table.images) {
    const std::string written = image.name + params.image_extension;
    if (without_image_extension(written) != image.name)
      throw DataError(fmt::format(
          "image '{}': would be written as '{}', which is read as '{}'; set image_extension",
          image.name, written, without_image_extension(written)));
  }
  const auto& extension = params.image_extension;
  if (params.format == "csv") return {{"annotations.csv", write_csv(table, extension)}};
  if (params.format == "midog")
    return {{"annotations.json", write_midog(table, params.box_px, extension)}};
  if (params.format == "sliderunner")
    return {{"annotations.sqlite", write_sliderunner(table, extension)}};
  if (params.format == "tupac") return write_tupac_set(table);
  std::vector<OutputFile> out;
  for (const auto& image : table.images) {
    require_safe(image.name);
    out.push_back(write_image(image, params));
  }
  return out;
}

}  // namespace mito::annotations
