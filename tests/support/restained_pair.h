#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>

#include "engine/types/geometry.h"

namespace mito::test {

/// Tissue full of nuclei, as a function of place: two slides of it can be drawn that differ by any
/// map and in every stain amount, and are exact at sub-pixel level.
struct DrawnSection {
  std::uint64_t seed = 1;

  /// Amount of haematoxylin at a place in um: soft round nuclei, 0 to about 1.
  double nuclei(double x_um, double y_um) const;
  /// Another amount, of eosin or background brown, that varies slowly.
  double ground(double x_um, double y_um) const;
};

/// How one slide shows a section.
struct DrawnScan {
  std::int64_t width = 1600;
  std::int64_t height = 1600;
  double mpp = 0.5;
  bool phh3 = false;          ///< Haematoxylin and DAB by HDX; else haematoxylin and eosin by HED.
  double haematoxylin = 0.8;  ///< Times nuclei().
  double other = 0.4;         ///< Times ground().
  double background = 0;      ///< Haematoxylin everywhere.
  std::uint64_t noise_seed = 0;  ///< 0: none; else a grain of two grey levels.
  /// um of the slide's corner to um of the section.
  std::function<PointL0(const PointL0&)> section_from_um = [](const PointL0& p) { return p; };
};

/// Writes a lossless TIFF that states its resolution; returns `file`.
std::filesystem::path draw_scan(const std::filesystem::path& file,
                                const DrawnSection& section,
                                const DrawnScan& scan);

}  // namespace mito::test
