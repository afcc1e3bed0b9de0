#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/annotations/write.h"

// One writer per format; `extension` is added to the names of images.
namespace mito::annotations {

std::string write_csv(const AnnotationTable& table, const std::string& extension);
std::string write_midog(const AnnotationTable& table, double box_px, const std::string& extension);
std::string write_sliderunner(const AnnotationTable& table, const std::string& extension);

std::string write_asap(const ImageAnnotations& image);
std::string write_geojson(const ImageAnnotations& image);
std::string write_voc(const ImageAnnotations& image, double box_px, const std::string& extension);
/// Throws DataError for an object that is no mitosis or lies left of or above the image.
std::string write_icpr(const ImageAnnotations& image);
/// Of one class.
std::string write_tupac(const ImageAnnotations& image, std::string_view label);

/// "#C80000" for mitoses, "#0000C8" for others.
std::string color_of(const std::string& label);

/// Mitosis, hard negative, and the other classes of a table in order of appearance.
std::vector<std::string> classes_of(const AnnotationTable& table);
/// Numbers from 1 on in their order.
std::map<std::string, std::int64_t> numbered(const std::vector<std::string>& classes);

/// What other formats call a class: "mitotic figure", "not mitotic figure", or its own name.
std::string class_name(const std::string& label);

}  // namespace mito::annotations
