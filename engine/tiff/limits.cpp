#include "engine/tiff/limits.h"

#include <algorithm>
#include <system_error>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::tiff {
namespace {

constexpr std::uint64_t kPixelsPerByte = 10000;
constexpr std::int64_t kSmallPixels = std::int64_t{1} << 24;  // of one colour they take no room

}  // namespace

std::int64_t most_pixels(std::uint64_t file_bytes) {
  if (file_bytes > static_cast<std::uint64_t>(kMaxImagePixels) / kPixelsPerByte)
    return kMaxImagePixels;
  return std::max(kSmallPixels, static_cast<std::int64_t>(file_bytes * kPixelsPerByte));
}

std::int64_t most_pixels(const std::filesystem::path& file) {
  std::error_code unknown;
  const auto bytes = std::filesystem::file_size(file, unknown);
  return most_pixels(unknown ? 0 : bytes);
}

void check_chunk(const std::filesystem::path& file,
                 bool tiled,
                 std::int64_t width,
                 std::int64_t height) {
  std::error_code unknown;
  const auto bytes = std::filesystem::file_size(file, unknown);
  const std::int64_t most = tiled ? kMaxTilePixels : most_pixels(unknown ? 0 : bytes);
  if (width < 1 || height <= most / width) return;
  throw DataError(fmt::format(
      "{}: its {} are {} x {} px, expected at most {} Mpx{}; is it damaged? Else write it anew, "
      "for "
      "example with: vips tiffsave IN.tif OUT.tif --tile --pyramid --compression jpeg --bigtiff",
      file.string(), tiled ? "tiles" : "strips", width, height, most / 1000000,
      tiled ? "" : fmt::format(" in a file of {} bytes", bytes)));
}

void check_image(const std::filesystem::path& file, std::int64_t width, std::int64_t height) {
  if (width < 1 || height <= most_pixels(file) / width) return;
  throw DataError(fmt::format(
      "{}: it says that it holds {} x {} px, which no compression puts into a file of its size; "
      "it is damaged or cut short, or was made to fill the memory",
      file.string(), width, height));
}

}  // namespace mito::tiff
