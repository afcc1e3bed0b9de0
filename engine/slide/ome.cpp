#include "engine/slide/ome.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

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

/// The pixels of the image of that size, else the first.
pugi::xml_node pixels_of(const pugi::xml_document& document,
                         std::int64_t width,
                         std::int64_t height) {
  pugi::xml_node first;
  for (const auto& image : document.document_element().children()) {
    if (!is(image, "Image")) continue;
    for (const auto& pixels : image.children()) {
      if (!is(pixels, "Pixels")) continue;
      if (pixels.attribute("SizeX").as_llong() == width &&
          pixels.attribute("SizeY").as_llong() == height)
        return pixels;
      if (!first) first = pixels;
    }
  }
  return first;
}

}  // namespace

std::optional<OmeResolution> ome_resolution(std::string_view description,
                                            std::int64_t width,
                                            std::int64_t height) {
  if (description.find("OME") == std::string_view::npos) return std::nullopt;
  pugi::xml_document document;
  if (!document.load_buffer(description.data(), description.size()) ||
      !is(document.document_element(), "OME"))
    return std::nullopt;
  const auto pixels = pixels_of(document, width, height);
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

}  // namespace mito::slide
