#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/slide/overlap.h"
#include "engine/slide/pixel_source.h"
#include "engine/slide/png_image.h"
#include "engine/slide/tiff_checks.h"
#include "engine/tiff/chunks.h"
#include "engine/tiff/jpeg_decoder.h"
#include "engine/tiff/limits.h"

namespace mito::slide {
namespace {

enum class Format { Other, Png, Jpeg, Tiff };

Format format_of(const std::filesystem::path& file) {
  std::array<char, 8> head{};
  std::ifstream(file, std::ios::binary).read(head.data(), head.size());
  const std::string_view start(head.data(), head.size());
  if (start == std::string_view("\x89PNG\r\n\x1a\n", 8)) return Format::Png;
  if (start.starts_with("\xff\xd8\xff")) return Format::Jpeg;
  for (const auto magic : {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                           std::string_view("II+\0", 4), std::string_view("MM\0+", 4)})
    if (start.starts_with(magic)) return Format::Tiff;
  return Format::Other;
}

class ImageSource final : public PixelSource {
 public:
  explicit ImageSource(tiff::Picture picture)
      : picture_(std::move(picture)), levels_{{picture_.width, picture_.height, 1.0, 1.0}} {}

  const std::vector<Level>& levels() const override { return levels_; }
  std::string vendor() const override { return "image"; }
  std::map<std::string, std::string> properties() const override { return {}; }

  void read(int, const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const override {
    const Rect whole{0, 0, picture_.width, picture_.height};
    copy_overlap(picture_.rgb.data(), whole, rgb, area);
    if (scanned == nullptr) return;
    if (picture_.scanned.empty())
      std::fill_n(scanned, area.width * area.height, std::uint8_t{1});
    else
      copy_overlap(picture_.scanned.data(), whole, scanned, area, 1);
  }

 private:
  tiff::Picture picture_;
  std::vector<Level> levels_;
};

tiff::Picture png(const std::filesystem::path& file) {
  auto image = read_png(file, tiff::most_pixels(file));
  if (image.brightest) check_brightest(file, *image.brightest);
  return std::move(image.picture);
}

tiff::Picture jpeg(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(std::max<std::int64_t>(in.tellg(), 0)));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) throw DataError(file.string() + ": cannot be read");
  tiff::Picture picture;
  const auto problem = tiff::decode_jpeg_image(bytes, tiff::most_pixels(bytes.size()), picture);
  if (!problem.empty())
    throw DataError(fmt::format("{}: the image cannot be decoded, it is damaged or cut short: {}",
                                file.string(), problem));
  return picture;
}

void require_readable_as_whole(const std::filesystem::path& file, const tiff::Directory& page) {
  const std::int64_t pixels = page.width * page.height;  // of 32 bits each
  if (pixels > tiff::kMaxImagePixels)
    throw DataError(fmt::format(
        "{}: {} x {} px in strips are too many to be read as a whole; convert it to tiles, for "
        "example with: vips tiffsave {} OUT.tif --tile --pyramid --compression jpeg --bigtiff",
        file.string(), page.width, page.height, file.filename().string()));
  tiff::check_image(file, page.width, page.height);
}

tiff::Picture tiff_image(const std::filesystem::path& file) {
  const auto pages = tiff::directories(file);
  if (pages.empty())
    throw DataError(
        file.string() +
        ": the image cannot be decoded: no page of a TIFF in it; is the file complete?");
  const auto& first = pages.front();
  require_readable_as_whole(file, first);
  check_tiff(file, pages, first.width);
  return tiff::read_image(file);
}

}  // namespace

std::unique_ptr<PixelSource> open_as_image(const std::filesystem::path& file) {
  const Format format = format_of(file);
  if (format == Format::Other) return nullptr;
  auto picture = format == Format::Png    ? png(file)
                 : format == Format::Jpeg ? jpeg(file)
                                          : tiff_image(file);
  return std::make_unique<ImageSource>(std::move(picture));
}

void check_complete(const std::filesystem::path& file) {
  switch (format_of(file)) {
    case Format::Png:
      read_png(file, tiff::most_pixels(file));
      break;
    case Format::Jpeg:
      jpeg(file);
      break;
    case Format::Tiff: {
      const auto pages = tiff::directories(file);
      if (!pages.empty()) require_readable_as_whole(file, pages.front());
      if (pages.empty() || pages.front().samples == tiff::Directory::Samples::Unsigned)
        tiff::read_image(file);
      break;
    }
    case Format::Other:
      break;
  }
}

}  // namespace mito::slide
