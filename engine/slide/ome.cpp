#include "engine/slide/ome.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <pugixml.hpp>

namespace mito::slide {
namespace {

/// um in one unit of OME's list; "pixel" and "reference frame" have no length.
std::optional<double> um_in(std::string_view unit) {
  // The micro sign, the Greek letter that looks like it, and the sign in Latin-1.
  for (const std::string_view micro : {"\xc2\xb5", "\xce\xbc", "\xb5"})
    if (unit.starts_with(micro) && unit.substr(micro.size()) == "m") return 1;
  constexpr std::array<std::pair<std::string_view, double>, 27> kUnits{{{"", 1},
                                                                        {"um", 1},
                                                                        {"micron", 1},
                                                                        {"microns", 1},
                                                                        {"micrometer", 1},
                                                                        {"micrometre", 1},
                                                                        {"pm", 1e-6},
                                                                        {"nm", 1e-3},
                                                                        {"mm", 1e3},
                                                                        {"cm", 1e4},
                                                                        {"dm", 1e5},
                                                                        {"m", 1e6},
                                                                        {"dam", 1e7},
                                                                        {"hm", 1e8},
                                                                        {"km", 1e9},
                                                                        {"fm", 1e-9},
                                                                        {"\xc3\x85", 1e-4},
                                                                        {"\xe2\x84\xab", 1e-4},
                                                                        {"\xc5", 1e-4},
                                                                        {"thou", 25.4},
                                                                        {"mil", 25.4},
                                                                        {"li", 25400.0 / 12},
                                                                        {"in", 25400},
                                                                        {"inch", 25400},
                                                                        {"ft", 304800},
                                                                        {"yd", 914400},
                                                                        {"pt", 25400.0 / 72}}};
  for (const auto& [name, um] : kUnits)
    if (unit == name) return um;
  return std::nullopt;
}

std::optional<double> number(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n+");
  if (first == std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data() + first, text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value) || !(value > 0)) return std::nullopt;
  return value;
}

/// `name` with or without a namespace before it ("ome:Pixels").
bool is(const pugi::xml_node& node, std::string_view name) {
  std::string_view found = node.name();
  if (const auto colon = found.find(':'); colon != std::string_view::npos)
    found.remove_prefix(colon + 1);
  return found == name;
}

/// All descriptions of pixels; none when it is no OME-XML.
std::vector<pugi::xml_node> all_pixels(std::string_view description, pugi::xml_document& document) {
  std::vector<pugi::xml_node> found;
  if (description.find("OME") == std::string_view::npos ||
      !document.load_buffer(description.data(), description.size()) ||
      !is(document.document_element(), "OME"))
    return found;
  for (const auto& image : document.document_element().children())
    for (const auto& pixels : image.children())
      if (is(image, "Image") && is(pixels, "Pixels")) found.push_back(pixels);
  return found;
}

bool has_size(const pugi::xml_node& pixels, std::int64_t width, std::int64_t height) {
  return pixels.attribute("SizeX").as_llong() == width &&
         pixels.attribute("SizeY").as_llong() == height;
}

/// Those of the image of that size; an empty node when there is none.
pugi::xml_node pixels_of(const std::vector<pugi::xml_node>& all,
                         std::int64_t width,
                         std::int64_t height) {
  const auto found = std::ranges::find_if(
      all, [&](const auto& pixels) { return has_size(pixels, width, height); });
  return found == all.end() ? pugi::xml_node() : *found;
}

}  // namespace

std::optional<OmeResolution> ome_resolution(std::string_view description,
                                            std::int64_t width,
                                            std::int64_t height) {
  pugi::xml_document document;
  const auto all = all_pixels(description, document);
  if (all.empty()) return std::nullopt;
  const auto of_this = pixels_of(all, width, height);
  const auto pixels = of_this ? of_this : all.front();
  OmeResolution out;
  const auto size = [&](const char* name, const char* unit_name) -> std::optional<double> {
    const auto value = number(pixels.attribute(name).as_string());
    if (!value) return std::nullopt;
    const std::string unit = pixels.attribute(unit_name).as_string();
    const auto um = um_in(unit);
    if (!um) {
      out.unknown_unit = unit;
      return std::nullopt;
    }
    return *value * *um;
  };
  const auto x = size("PhysicalSizeX", "PhysicalSizeXUnit");
  const auto y = size("PhysicalSizeY", "PhysicalSizeYUnit");
  if (x || y) out.resolution = tiff::Resolution{x ? *x : *y, y ? *y : *x};
  if (!out.resolution && out.unknown_unit.empty()) return std::nullopt;
  return out;
}

bool is_ome(std::string_view description) {
  pugi::xml_document document;
  return !all_pixels(description, document).empty();
}

std::optional<OmePlanes> ome_planes(std::string_view description,
                                    std::int64_t width,
                                    std::int64_t height) {
  pugi::xml_document document;
  const auto pixels = pixels_of(all_pixels(description, document), width, height);
  if (!pixels) return std::nullopt;
  const auto count = [&](const char* name) { return pixels.attribute(name).as_llong(1); };
  return OmePlanes{count("SizeC"), count("SizeZ"), count("SizeT")};
}

}  // namespace mito::slide
