#include "tests/support/restained_pair.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "engine/core/random.h"
#include "engine/image/hed.h"
#include "engine/tiff/pyramid_writer.h"

namespace mito::test {
namespace {

constexpr double kCell = 16;  // um between nuclei, about

// Independent numbers in (0, 1) that belong to a lattice cell. Neighbouring pixels ask for the same
// cells again and again, so the last ones are kept.
std::array<double, 4> cell_numbers(std::uint64_t seed, std::int64_t x, std::int64_t y) {
  struct Entry {
    std::array<std::int64_t, 3> key{-1, 0, 0};
    std::array<double, 4> numbers{};
  };
  thread_local std::array<Entry, 4096> kept;
  const std::array<std::int64_t, 3> key{static_cast<std::int64_t>(seed), x, y};
  Entry& entry = kept[static_cast<std::size_t>((x & 63) + 64 * (y & 63))];
  if (entry.key != key) {
    const auto words = philox({static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
                               static_cast<std::uint32_t>(seed), 0},
                              {77, 78});
    entry.key = key;
    for (std::size_t i = 0; i < 4; ++i) entry.numbers[i] = uniform_from(words[i]);
  }
  return entry.numbers;
}

std::uint8_t level(double light) {
  return static_cast<std::uint8_t>(std::floor(255 * std::clamp(light, 0.0, 1.0) + 0.5));
}

}  // namespace

double DrawnSection::nuclei(double x_um, double y_um) const {
  const auto cx = static_cast<std::int64_t>(std::floor(x_um / kCell));
  const auto cy = static_cast<std::int64_t>(std::floor(y_um / kCell));
  double sum = 0;
  for (std::int64_t y = cy - 1; y <= cy + 1; ++y)
    for (std::int64_t x = cx - 1; x <= cx + 1; ++x) {
      const auto u = cell_numbers(seed, x, y);
      if (u[2] < 0.2) continue;  // an empty place
      const double dx = x_um - (static_cast<double>(x) + u[0]) * kCell;
      const double dy = y_um - (static_cast<double>(y) + u[1]) * kCell;
      const double radius = 2 + 2.5 * u[3];
      if (dx * dx + dy * dy > 16 * radius * radius) continue;  // e^-16: nothing
      sum += u[2] * std::exp(-(dx * dx + dy * dy) / (radius * radius));
    }
  return sum;
}

double DrawnSection::ground(double x_um, double y_um) const {
  const auto phase = static_cast<double>(seed % 97);
  return 0.5 + 0.25 * std::sin(x_um / 23 + phase) + 0.25 * std::cos(y_um / 31 - 2 * phase);
}

std::filesystem::path draw_scan(const std::filesystem::path& file,
                                const DrawnSection& section,
                                const DrawnScan& scan) {
  const image::StainTransform stains(scan.phh3 ? image::hdx_rows() : image::hed_rows(),
                                     image::StainConvention::physical());
  constexpr std::int64_t kTile = tiff::PyramidWriter::kTile;
  tiff::PyramidWriter out(
      file, {.width = scan.width, .height = scan.height, .mpp_x = scan.mpp, .mpp_y = scan.mpp});
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(kTile * kTile * 3));
  for (std::int64_t row = 0; row < out.rows(); ++row)
    for (std::int64_t column = 0; column < out.columns(); ++column) {
      std::uint8_t* pixel = rgb.data();
      for (std::int64_t y = row * kTile; y < (row + 1) * kTile; ++y)
        for (std::int64_t x = column * kTile; x < (column + 1) * kTile; ++x, pixel += 3) {
          const PointL0 at = scan.section_from_um({(static_cast<double>(x) + 0.5) * scan.mpp,
                                                   (static_cast<double>(y) + 0.5) * scan.mpp});
          const double h = scan.background + scan.haematoxylin * section.nuclei(at.x, at.y);
          const double other = scan.other * section.ground(at.x, at.y);
          auto light = stains.to_rgb({h, other, 0.0});
          if (scan.noise_seed != 0) {
            const auto u = cell_numbers(scan.noise_seed, x, y);
            for (std::size_t c = 0; c < 3; ++c) light[c] += (u[c] - 0.5) * 4 / 255;
          }
          for (std::size_t c = 0; c < 3; ++c) pixel[c] = level(light[c]);
        }
      out.write_tile(column, row, std::as_bytes(std::span(rgb)));
    }
  out.finish();
  return file;
}

}  // namespace mito::test
