#include "engine/slide/pixel_size.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/slide/ome.h"

namespace mito::slide {
namespace {

using Properties = std::map<std::string, std::string>;

constexpr double kAnisotropyTolerance = 0.01;
constexpr double kCoarsest = 0.35;       // um/px
constexpr double kCoarsestAccepted = 2;  // um/px; beyond, cells are specks and no advice helps
constexpr double kSmallestPixel = 0.05;  // um/px of any microscope's picture of tissue
constexpr double kLargestPixel = 20;

/// A size of a pixel, and who says so.
struct Stated {
  double mpp_x = 0;
  double mpp_y = 0;
  std::string source;
};

bool is_plausible(double mpp) { return mpp >= kSmallestPixel && mpp <= kLargestPixel; }
bool is_plausible(const Stated& size) {
  return is_plausible(size.mpp_x) && is_plausible(size.mpp_y);
}

std::optional<double> number(const Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  if (found == properties.end()) return std::nullopt;
  double value = 0;
  const auto& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string in_words(const Stated& size) {
  const bool same = size.mpp_x == size.mpp_y;
  return same ? number_text(size.mpp_x)
              : fmt::format("{} x {}", number_text(size.mpp_x), number_text(size.mpp_y));
}

std::optional<Stated> stated_by_openslide(const Properties& header) {
  const auto x = number(header, "openslide.mpp-x");
  const auto y = number(header, "openslide.mpp-y");
  if (!x || !y) return std::nullopt;
  return Stated{*x, *y, "openslide.mpp-x"};
}

std::optional<Stated> stated_by_tags(const Properties& header,
                                     const std::vector<tiff::Directory>& pages) {
  auto tags = pages.empty() ? std::nullopt : pages.front().resolution;
  if (const auto x = number(header, "tiff.XResolution"); x && !tags) {
    const auto unit = header.find("tiff.ResolutionUnit");
    tags = tiff::resolution_of(*x, number(header, "tiff.YResolution").value_or(*x),
                               unit == header.end() ? "" : unit->second);
  }
  if (!tags) return std::nullopt;
  return Stated{tags->mpp_x, tags->mpp_y, "tiff resolution"};
}

/// What the file says, the most trusted first.
std::vector<Stated> stated_by_file(const SlideInfo& info,
                                   const Properties& header,
                                   const std::vector<tiff::Directory>& pages,
                                   std::string& unknown_unit) {
  std::vector<Stated> out;
  if (!pages.empty()) {
    const auto ome = ome_resolution(pages.front().description, info.width, info.height);
    if (ome && ome->resolution)
      out.push_back({ome->resolution->mpp_x, ome->resolution->mpp_y, "OME-XML"});
    if (ome) unknown_unit = ome->unknown_unit;
  }
  if (const auto size = stated_by_openslide(header)) out.push_back(*size);
  // Programs that know no size write 72 dpi and the like: then the tags say nothing.
  if (const auto size = stated_by_tags(header, pages); size && is_plausible(*size))
    out.push_back(*size);
  return out;
}

[[noreturn]] void refuse(const SlideInfo& info, const Stated& size) {
  throw DataError(fmt::format(
      "{}: a pixel of {} um (from {}) is that of no microscope, expected {} to {} um/px; give the "
      "right one with --set slide.assume_mpp=0.25 (um per pixel)",
      info.path.string(), in_words(size), size.source, number_text(kSmallestPixel),
      number_text(kLargestPixel)));
}

/// Throws: what is known, and what can be done.
[[noreturn]] void refuse_without(const SlideInfo& info,
                                 const std::optional<Stated>& tags,
                                 const std::string& unknown_unit,
                                 std::optional<double> power) {
  std::string found;
  if (tags)
    found = fmt::format(" (its TIFF tags say {} um/px, which is no microscope's)", in_words(*tags));
  if (!unknown_unit.empty())
    found += fmt::format(" (its OME-XML counts in '{}', which is no length)", unknown_unit);
  std::string more;
  if (power)
    more = fmt::format(
        ", or accept 10 / objective power = {} with --set slide.allow_objective_power=true",
        number_text(10 / *power));
  throw DataError(fmt::format(
      "{}: no resolution in the file{}; give it with --set slide.assume_mpp=0.25 (um per pixel){}",
      info.path.string(), found, more));
}

Stated chosen(const SlideInfo& info,
              const Properties& header,
              const std::vector<tiff::Directory>& pages,
              const SlideOptions& options) {
  std::string unknown_unit;
  const auto file = stated_by_file(info, header, pages, unknown_unit);
  if (options.assume_mpp) {
    const double y = options.assume_mpp_y.value_or(*options.assume_mpp);
    std::string source = options.assume_source;
    if (!file.empty() && (file[0].mpp_x != *options.assume_mpp || file[0].mpp_y != y))
      source += fmt::format(" ({}: {})", file[0].source, in_words(file[0]));
    return {*options.assume_mpp, y, source};
  }
  if (!file.empty()) return file.front();
  const auto power = number(header, "openslide.objective-power");
  const bool has_power = power && *power > 0 && is_plausible(10 / *power);
  if (has_power && options.allow_objective_power)
    return {10 / *power, 10 / *power, "objective power"};
  refuse_without(info, stated_by_tags(header, pages), unknown_unit,
                 has_power ? power : std::nullopt);
}

}  // namespace

void find_resolution(SlideInfo& info,
                     const Properties& header,
                     const std::vector<tiff::Directory>& pages,
                     const SlideOptions& options) {
  const auto size = chosen(info, header, pages, options);
  if (!is_plausible(size)) refuse(info, size);
  info.mpp_x = size.mpp_x;
  info.mpp_y = size.mpp_y;
  info.mpp_source = size.source;
  const double mean = (info.mpp_x + info.mpp_y) / 2;
  if (!options.allow_anisotropic && std::abs(info.mpp_x - info.mpp_y) > kAnisotropyTolerance * mean)
    throw DataError(fmt::format(
        "{}: resolution differs between x ({} um/px) and y ({} um/px) by more than 1 %, from {}; "
        "accept it with --set slide.allow_anisotropic=true",
        info.path.string(), number_text(info.mpp_x), number_text(info.mpp_y), info.mpp_source));
  const double coarser = std::max(info.mpp_x, info.mpp_y);
  if (!options.allow_upsampling && coarser > kCoarsest)
    throw DataError(fmt::format(
        "{}: resolution too low: {} um/px (from {}), but mitoses are sought at {} um/px and more "
        "than {} is refused; {}if the value is wrong, give the right one with --set "
        "slide.assume_mpp=0.25",
        info.path.string(), number_text(coarser), info.mpp_source, number_text(kAnalysisMpp),
        number_text(kCoarsest),
        coarser > kCoarsestAccepted ? ""
                                    : "accept it with --set slide.allow_upsampling=true, or "));
}

}  // namespace mito::slide
