#include "nodes/drawn/phantom/centres.h"

#include <algorithm>
#include <string>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::phantom {
namespace {

struct Centre {
  std::string_view name;
  Stains stains;
  double spread;  ///< Of the cases: sd of the gains; colours and blur vary with it.
};

const std::vector<Centre>& centres() {
  // Columns: H of H&E, E, H of PHH3, DAB; gains H, E, counterstain, DAB, haze; glass, blur,
  // sharpening, saturation, gamma, noise; spread.
  // clang-format off
  static const std::vector<Centre> all{
      {"in_house",
       {{0.58, 0.78, 0.40}, {0.10, 0.82, 0.34}, {0.65, 0.50, 0.20}, {0.30, 0.56, 0.74},
        1.00, 1.00, 1.00, 1.00, 0.02, {243, 242, 244}, 0.22, 0.35, 1.00, 1.00, 1.0},
       0.03},
      {"rose",
       {{0.50, 0.80, 0.46}, {0.13, 0.86, 0.42}, {0.62, 0.54, 0.26}, {0.28, 0.56, 0.80},
        0.85, 1.25, 0.85, 0.90, 0.03, {247, 241, 240}, 0.24, 0.20, 1.02, 1.00, 1.4},
       0.10},
      {"violet",
       {{0.68, 0.76, 0.28}, {0.22, 0.80, 0.22}, {0.72, 0.50, 0.14}, {0.33, 0.58, 0.68},
        1.20, 0.95, 1.25, 1.05, 0.04, {236, 236, 247}, 0.20, 0.45, 1.00, 0.95, 1.2},
       0.10},
      {"pale",
       {{0.55, 0.76, 0.36}, {0.12, 0.78, 0.36}, {0.62, 0.52, 0.24}, {0.30, 0.55, 0.70},
        0.68, 0.62, 0.65, 0.75, 0.01, {246, 246, 246}, 0.26, 0.10, 0.85, 0.90, 1.6},
       0.12},
      {"dark",
       {{0.60, 0.80, 0.42}, {0.14, 0.86, 0.40}, {0.68, 0.56, 0.28}, {0.34, 0.60, 0.78},
        1.40, 1.30, 1.35, 1.20, 0.07, {232, 230, 231}, 0.24, 0.30, 1.00, 1.10, 1.2},
       0.12},
      {"amber",
       {{0.56, 0.74, 0.52}, {0.10, 0.78, 0.50}, {0.60, 0.54, 0.34}, {0.26, 0.54, 0.88},
        1.00, 1.05, 0.95, 1.10, 0.05, {245, 240, 222}, 0.27, 0.15, 0.95, 1.00, 1.8},
       0.10},
      {"soft",
       {{0.60, 0.74, 0.38}, {0.14, 0.84, 0.30}, {0.66, 0.50, 0.20}, {0.31, 0.57, 0.72},
        0.95, 0.90, 0.90, 0.90, 0.03, {240, 243, 242}, 0.42, 0.00, 0.90, 1.00, 0.8},
       0.09},
      {"crisp",
       {{0.56, 0.82, 0.34}, {0.13, 0.84, 0.34}, {0.66, 0.46, 0.16}, {0.29, 0.57, 0.78},
        1.10, 1.10, 1.10, 1.15, 0.02, {250, 250, 251}, 0.17, 0.75, 1.06, 1.08, 2.2},
       0.09}};
  // clang-format on
  return all;
}

}  // namespace

std::vector<std::string_view> centre_names() {
  std::vector<std::string_view> names;
  for (const auto& centre : centres()) names.push_back(centre.name);
  return names;
}

Stains stains_of(std::string_view centre, std::uint64_t case_seed) {
  const auto found = std::find_if(centres().begin(), centres().end(),
                                  [&](const Centre& c) { return c.name == centre; });
  if (found == centres().end())
    throw DataError("there is no centre '" + std::string(centre) + "' to draw a slide of");
  Stains out = found->stains;
  const double spread = found->spread;
  RandomStream random(case_seed, "phantom case", 0);
  const auto vary = [&](double& value, double by) {
    value *= 1 + by * std::clamp(random.normal(), -2.0, 2.0);
  };
  for (auto* stain : {&out.he_haematoxylin, &out.eosin, &out.counterstain, &out.dab})
    for (double& density : *stain) vary(density, 0.45 * spread);
  for (double* gain :
       {&out.haematoxylin_gain, &out.eosin_gain, &out.counterstain_gain, &out.dab_gain})
    vary(*gain, spread);
  vary(out.haze, 4 * spread);
  for (double& level : out.glass)
    level = std::min(252.0, level + 25 * spread * std::clamp(random.normal(), -2.0, 2.0));
  vary(out.blur_um, spread);
  vary(out.saturation, 0.5 * spread);
  vary(out.gamma, 0.3 * spread);
  return out;
}

}  // namespace mito::phantom
