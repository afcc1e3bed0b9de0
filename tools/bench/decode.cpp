// bench decode: the finest level of a slide, by OpenSlide and by decoding its tiles directly.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/slide/pixel_source.h"
#include "tools/bench/bench_commands.h"

namespace mito::bench {
namespace {

constexpr std::int64_t kReadPx = 1024;  // px read at once, as the node `tiles` does

using Source = std::shared_ptr<const slide::PixelSource>;

std::vector<Rect> regions(const slide::Level& level) {
  std::vector<Rect> out;
  for (std::int64_t y = 0; y < level.height; y += kReadPx)
    for (std::int64_t x = 0; x < level.width; x += kReadPx)
      out.push_back(
          {x, y, std::min(kReadPx, level.width - x), std::min(kReadPx, level.height - y)});
  return out;
}

std::vector<std::uint8_t> read(const slide::PixelSource& source, const Rect& area) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(area.width * area.height * 3));
  source.read(0, area, rgb.data(), nullptr);
  return rgb;
}

/// Reads region after region, from where it stopped the last time: caches of tiles help little.
Timed reading(std::string name, Source source, const std::vector<Rect>& areas, double mpx) {
  return timed(
      std::move(name),
      [&areas, source = std::move(source), next = std::size_t{0}]() mutable {
        return read(*source, areas[next++ % areas.size()]);
      },
      mpx / static_cast<double>(areas.size()));
}

void both_readers(const std::filesystem::path& file, double seconds) {
  const Source openslide = slide::open_with_openslide(file);
  if (openslide == nullptr) throw std::runtime_error(file.string() + ": no slide of OpenSlide's");
  const Source direct = slide::with_tiff_tiles(file, slide::open_with_openslide(file));
  const auto& level = openslide->levels().front();
  const auto areas = regions(level);
  for (const auto& area : areas)
    expect_same(read(*openslide, area) == read(*direct, area), "pixels");
  fmt::print("{}\n{}, {} x {} px, regions of {} px; all pixels are the same\n", limits(),
             file.filename().string(), level.width, level.height, kReadPx);
  const double mpx = static_cast<double>(level.width * level.height) / 1e6;
  measure({reading("direct", direct, areas, mpx), reading("OpenSlide", openslide, areas, mpx)},
          seconds, "Mpx/s per core", "OpenSlide");
}

}  // namespace

void add_decode(CLI::App& app) {
  auto* command = app.add_subcommand("decode", "Pixels of a slide with JPEG tiles, read per core");
  auto file = std::make_shared<std::string>();
  command->add_option("slide", *file, "TIFF or SVS with JPEG tiles; larger than 64 MiB of pixels")
      ->required()
      ->check(CLI::ExistingFile);
  const auto seconds = add_seconds(*command);
  command->callback([=] { both_readers(*file, *seconds); });
}

}  // namespace mito::bench
