#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mito::phantom {

/// How one laboratory stains and one scanner sees: what a centre has of its own.
struct Stains {
  using Rgb = std::array<double, 3>;
  // Optical density (natural log) per unit of stain, R, G, B.
  Rgb he_haematoxylin{};
  Rgb eosin{};
  Rgb counterstain{};  ///< Haematoxylin of the PHH3 slide.
  Rgb dab{};
  // How much of each stain the laboratory leaves in the tissue.
  double haematoxylin_gain = 1;
  double eosin_gain = 1;
  double counterstain_gain = 1;
  double dab_gain = 1;
  double haze = 0;  ///< DAB that stays everywhere in the tissue of the PHH3 slide.
  // The scanner.
  Rgb glass{};            ///< Grey levels of empty glass.
  double blur_um = 0.22;  ///< sigma
  double sharpen = 0;     ///< Unsharp mask of the scanner's software, 0 = none.
  double saturation = 1;
  double gamma = 1;  ///< Contrast: of the light relative to the glass's.
  double noise = 1;  ///< sd in grey levels, before JPEG.
};

/// The names `centre:` may have; in_house first.
std::vector<std::string_view> centre_names();

/// The stains of one case of a centre: the centre's own with a variation from case to case that
/// is small in_house and larger elsewhere. Throws DataError for a name that is not known.
Stains stains_of(std::string_view centre, std::uint64_t case_seed);

}  // namespace mito::phantom
