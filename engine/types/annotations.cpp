#include "engine/types/annotations.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "engine/types/grid_attributes.h"

namespace mito {
namespace {

/// An object with the image it belongs to.
struct ItemRow {
  std::uint32_t image = 0;
  Annotation item;
};

/// The table as it is stored: images, and the objects of all of them.
struct FlatTable {
  std::vector<ImageAnnotations> images;  ///< Without their objects.
  std::vector<ItemRow> items;
};

FlatTable flat(const AnnotationTable& table) {
  FlatTable out;
  for (const auto& image : table.images) {
    for (const auto& item : image.items)
      out.items.push_back({static_cast<std::uint32_t>(out.images.size()), item});
    out.images.push_back({image.name, image.case_id, {}});
  }
  return out;
}

AnnotationTable table_of(FlatTable flat) {
  AnnotationTable table{std::move(flat.images)};
  for (auto& [image, item] : flat.items) {
    if (image >= table.images.size()) throw DataError("an annotation belongs to no image");
    table.images[image].items.push_back(std::move(item));
  }
  return table;
}

void describe_flat(Description<FlatTable>& d) {
  const std::string uneven = "annotation columns have different lengths";
  d.rows(&FlatTable::images, "I", uneven)
      .texts("image_name", &ImageAnnotations::name, {"Names of the images, sorted."})
      .texts("image_case", &ImageAnnotations::case_id, {"Their patients; empty when not known."});
  d.rows(&FlatTable::items, "N", uneven)
      .column("image", &ItemRow::image, {"Image of each object, ascending."})
      .column("coords", [](auto& row) { return std::tie(row.item.center.x, row.item.center.y); },
              {"x, y on level 0.", "px"})
      .column("score", [](auto& row) -> auto& { return row.item.score; },
              {"Of detections; NaN where there is none."})
      .column("from_bounds", [](auto& row) -> auto& { return row.item.from_bounds; },
              {"1 when `coords` counts from the corner of the scanned part of the slide."})
      .texts("label", [](auto& row) -> auto& { return row.item.label; },
             {"mitosis, hard_negative, or what the file calls them."})
      .texts("id", [](auto& row) -> auto& { return row.item.id; },
             {"Names of the file; may be empty."});
  describe_level(d);
}

AnnotationTable table_of_one(const ImageAnnotations& image) { return {{image}}; }

ImageAnnotations one_of(AnnotationTable table) {
  if (table.images.size() != 1) throw DataError("dataset 'image_name' does not hold one image");
  return std::move(table.images.front());
}

}  // namespace

const ImageAnnotations* AnnotationTable::find(std::string_view name) const {
  const auto at = std::ranges::lower_bound(images, name, {}, &ImageAnnotations::name);
  return at != images.end() && at->name == name ? &*at : nullptr;
}

void Payload<AnnotationTable>::describe(Description<AnnotationTable>& d) {
  d.about("What is marked in all images of some files.");
  d.through(flat, table_of, describe_flat);
}

void Payload<ImageAnnotations>::describe(Description<ImageAnnotations>& d) {
  d.about("What is marked in one image; a table of this one image.");
  d.through(table_of_one, one_of, &Payload<AnnotationTable>::describe);
}

template struct DescribedCodec<ImageAnnotations>;
template struct DescribedCodec<AnnotationTable>;

}  // namespace mito
