#include "engine/slide/tiff_checks.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/slide/ome.h"

namespace mito::slide {
namespace {

constexpr int kHalfOf16Bits = 32768;

std::string name_of(const tiff::Directory& page) {
  return fmt::format("page {}{}", page.page, page.below ? " (a sub-image of it)" : "");
}

void check_samples(const std::filesystem::path& file, const tiff::Directory& page) {
  using Samples = tiff::Directory::Samples;
  const bool known =
      page.bits == 1 || page.bits == 2 || page.bits == 4 || page.bits == 8 || page.bits == 16;
  if (page.samples == Samples::Unsigned && known) return;
  constexpr std::array kKinds{"unsigned integers", "signed integers", "floating-point numbers",
                              "complex numbers"};
  throw DataError(fmt::format(
      "{}: its samples are {} of {} bits, expected unsigned integers of 8 or 16 bits; convert "
      "them, "
      "for example, where they go from 0 to 1, with: vips linear IN.tif OUT.tif 255 0 --uchar",
      file.string(), kKinds[static_cast<std::size_t>(page.samples)], page.bits));
}

void check_orientation(const std::filesystem::path& file, const tiff::Directory& page) {
  if (page.orientation == 1) return;
  throw DataError(fmt::format(
      "{}: TIFF tag 274 (orientation) of {} is {}, expected 1: programs differ in how they turn "
      "such "
      "a picture, and in where its coordinates are; turn the pixels, for example with: vips "
      "autorot IN.tif OUT.tif",
      file.string(), name_of(page), page.orientation));
}

void check_planes(const std::filesystem::path& file, const tiff::Directory& page) {
  const auto planes = ome_planes(page.description, page.width, page.height);
  if (!planes) return;
  if (planes->channels > page.channels)
    throw DataError(fmt::format(
        "{}: its OME-XML says that it has {} channels, but a pixel has {}: each is an image of its "
        "own, as those of fluorescence are, expected one image in RGB; export it as RGB, for "
        "example from QuPath",
        file.string(), planes->channels, page.channels));
  if (planes->depths > 1 || planes->times > 1)
    throw DataError(fmt::format(
        "{}: its OME-XML says that it has {} focal planes and {} points in time, expected one; "
        "write "
        "one as a file of its own, for example with: bfconvert -z 0 -timepoint 0 {} OUT.ome.tif",
        file.string(), planes->depths, planes->times, file.filename().string()));
}

void check_overview(const std::filesystem::path& file,
                    const std::vector<tiff::Directory>& pages,
                    std::int64_t width) {
  const auto largest = std::ranges::max_element(
      pages, {}, [](const tiff::Directory& page) { return page.width * page.height; });
  const auto& first = pages.front();
  if (largest->width <= width || largest->width * largest->height <= first.width * first.height)
    return;
  throw DataError(fmt::format(
      "{}: its first page ({} x {} px) is an overview; the slide seems to be {} ({} x {} px); "
      "write "
      "that page as a file of its own, for example with: vips tiffsave '{}[{}]' OUT.tif --tile "
      "--pyramid --compression jpeg",
      file.string(), first.width, first.height, name_of(*largest), largest->width, largest->height,
      file.filename().string(),
      largest->below ? "subifd=0" : fmt::format("page={}", largest->page - 1)));
}

void check_chain(const std::filesystem::path& file, const tiff::Directory& page) {
  if (!page.lost_next) return;
  throw DataError(fmt::format(
      "{}: {} says that another one follows, which cannot be read; is the file complete? Copy it "
      "again",
      file.string(), name_of(page)));
}

std::string lower_extension(const std::filesystem::path& file) {
  std::string out = file.extension().string();
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return out;
}

}  // namespace

void check_tiff(const std::filesystem::path& file,
                const std::vector<tiff::Directory>& pages,
                std::int64_t width) {
  if (pages.empty()) return;
  for (const auto& page : pages) check_chain(file, page);
  check_overview(file, pages, width);
  check_samples(file, pages.front());
  check_planes(file, pages.front());
  for (const auto& page : pages)
    if (page.page == pages.front().page || page.reduced) check_orientation(file, page);
  if (pages.front().bits != 16) return;
  if (pages.front().page != 1)
    throw DataError(fmt::format(
        "{}: the samples of {}, its largest image, have 16 bits, expected 8; write it with 8 bits, "
        "for example from QuPath",
        file.string(), name_of(pages.front())));
  if (const auto brightest = tiff::brightest_sample(file, kHalfOf16Bits))
    check_brightest(file, *brightest);
}

void check_brightest(const std::filesystem::path& file, int brightest) {
  if (brightest >= kHalfOf16Bits) return;
  int bits = 1;
  while (1 << bits <= brightest) ++bits;
  throw DataError(fmt::format(
      "{}: its samples have 16 bits, but the brightest is {} of 65535: it seems to hold {} bits in "
      "16 and would be read too dark; turn it into 8 bits, for example with: vips linear IN.tif "
      "OUT.tif {:.6f} 0 "
      "--uchar",
      file.string(), brightest, bits, 255.0 / ((1 << bits) - 1)));
}

void check_companions(const std::filesystem::path& file) {
  const std::string extension = lower_extension(file);
  const auto stem = file.stem().string();
  if (extension == ".mrxs") {
    const auto folder = file.parent_path() / stem;
    if (!std::filesystem::is_directory(folder))
      throw DataError(fmt::format(
          "{}: the folder '{}' that belongs to it is missing beside it; without it there is only a "
          "preview. Copy it there, too",
          file.string(), stem));
    if (!std::filesystem::exists(folder / "Slidedat.ini"))
      throw DataError(fmt::format(
          "{}: the folder '{}' beside it has no Slidedat.ini; is it complete? Copy it again",
          file.string(), stem));
  }
  if (extension == ".vsi")
    throw DataError(
        fmt::format("{}: a .vsi holds only previews, its pixels are in the folder '_{}_', which "
                    "cannot be read; "
                    "convert it to OME-TIFF, for example with QuPath",
                    file.string(), stem));
}

void check_format(const std::filesystem::path& file) {
  const std::string extension = lower_extension(file);
  constexpr std::array<std::string_view, 8> kFormats{".mrxs", ".vms", ".vmu",     ".ndpi",
                                                     ".scn",  ".bif", ".svslide", ".czi"};
  if (std::ranges::find(kFormats, extension) != kFormats.end())
    throw DataError(
        fmt::format("{}: OpenSlide does not know it as a {} slide, and an image in it would be a "
                    "preview only; is "
                    "it complete, with all files that belong to it?",
                    file.string(), extension));
}

}  // namespace mito::slide
