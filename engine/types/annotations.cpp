#include "engine/types/annotations.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "engine/core/error.h"
#include "engine/types/text_arrays.h"

namespace mito {

const ImageAnnotations* AnnotationTable::find(std::string_view name) const {
  const auto at = std::ranges::lower_bound(images, name, {}, &ImageAnnotations::name);
  return at != images.end() && at->name == name ? &*at : nullptr;
}

Record Codec<AnnotationTable>::encode(const AnnotationTable& table) {
  std::vector<std::string> names;
  std::vector<std::string> cases;
  std::vector<std::string> labels;
  std::vector<std::string> ids;
  std::vector<std::uint32_t> image;
  std::vector<double> coords;
  std::vector<double> scores;
  std::vector<std::uint8_t> from_bounds;
  for (const auto& one : table.images) {
    for (const auto& item : one.items) {
      image.push_back(static_cast<std::uint32_t>(names.size()));
      coords.insert(coords.end(), {item.center.x, item.center.y});
      scores.push_back(item.score.value_or(std::numeric_limits<double>::quiet_NaN()));
      labels.push_back(item.label);
      ids.push_back(item.id);
      from_bounds.push_back(item.from_bounds ? 1 : 0);
    }
    names.push_back(one.name);
    cases.push_back(one.case_id);
  }
  Record record;
  put_texts(record, "image_name", names);
  put_texts(record, "image_case", cases);
  put_texts(record, "label", labels);
  put_texts(record, "id", ids);
  record.arrays["image"] = Array::of(image);
  record.arrays["coords"] = Array::of(coords, {image.size(), 2});
  record.arrays["score"] = Array::of(scores);
  record.arrays["from_bounds"] = Array::of(from_bounds);
  record.attributes["level"] = std::int64_t{0};  // coords are level-0 pixels
  return record;
}

AnnotationTable Codec<AnnotationTable>::decode(const Record& record) {
  const auto names = get_texts(record, "image_name");
  const auto cases = get_texts(record, "image_case");
  const auto labels = get_texts(record, "label");
  const auto ids = get_texts(record, "id");
  const auto image = record.array("image").as<std::uint32_t>();
  const auto coords = record.array("coords").as<double>();
  const auto scores = record.array("score").as<double>();
  const auto from_bounds = record.array("from_bounds").as<std::uint8_t>();
  if (names.size() != cases.size() || coords.size() != 2 * image.size() ||
      scores.size() != image.size() || labels.size() != image.size() ||
      ids.size() != image.size() || from_bounds.size() != image.size())
    throw DataError("annotation columns have different lengths");

  AnnotationTable table;
  for (std::size_t i = 0; i < names.size(); ++i) table.images.push_back({names[i], cases[i], {}});
  for (std::size_t i = 0; i < image.size(); ++i) {
    if (image[i] >= names.size()) throw DataError("an annotation belongs to no image");
    Annotation item{{coords[2 * i], coords[2 * i + 1]}, labels[i], {}, ids[i], from_bounds[i] != 0};
    if (!std::isnan(scores[i])) item.score = scores[i];
    table.images[image[i]].items.push_back(std::move(item));
  }
  return table;
}

Record Codec<ImageAnnotations>::encode(const ImageAnnotations& annotations) {
  return Codec<AnnotationTable>::encode({{annotations}});
}

ImageAnnotations Codec<ImageAnnotations>::decode(const Record& record) {
  auto table = Codec<AnnotationTable>::decode(record);
  if (table.images.size() != 1) throw DataError("dataset 'image_name' does not hold one image");
  return std::move(table.images.front());
}

}  // namespace mito
