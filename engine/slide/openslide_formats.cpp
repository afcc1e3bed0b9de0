#include "engine/slide/openslide_formats.h"

#include <array>
#include <cstdio>

#include <spdlog/fmt/fmt.h>

namespace mito {

std::string openslide_formats(const std::string& version) {
  // By its CHANGELOG; of CZI those without compression or with zstd.
  struct Later {
    std::array<int, 3> from;
    const char* formats;
  };
  const std::array<Later, 2> later{{{{4, 0, 0}, "DICOM"}, {{4, 0, 1}, "Zeiss CZI, Huron, ARGOS"}}};
  std::array<int, 3> here{};
  std::sscanf(version.c_str(), "%d.%d.%d", here.data(), &here[1], &here[2]);
  std::string known = "Aperio, Hamamatsu, Leica, MIRAX, Philips, Sakura, Trestle, Ventana";
  std::string unknown;
  for (const auto& [from, formats] : later) {
    if (here >= from)
      known += fmt::format(", {}", formats);
    else
      unknown += fmt::format("; not {} (from {}.{}.{})", formats, from[0], from[1], from[2]);
  }
  return known + unknown;
}

}  // namespace mito
