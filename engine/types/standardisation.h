#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/described.h"
#include "engine/types/geometry.h"

namespace mito {

/// Pixels of one class, in hue-saturation-density space (method 3.1, 3.2 step 5).
struct ClassStatistics {
  static constexpr std::array<double, 7> kPercents{0, 1, 25, 50, 75, 99, 100};
  using Knots = std::array<double, kPercents.size()>;

  std::array<double, 2> median{};  ///< (cx, cy).
  double angle = 0;  ///< Of the first principal axis of (cx, cy); u runs along it, v across.
  Knots knots_u{};   ///< Percentiles of u and v, relative to the median.
  Knots knots_v{};
  double density_mean = 0;
  double density_sd = 0;
  bool operator==(const ClassStatistics&) const = default;
};

/// WSICS: the classes haematoxylin, eosin and background, in this order.
struct WsicsStatistics {
  static constexpr std::size_t kClasses = 3;
  std::array<ClassStatistics, kClasses> classes{};
  bool operator==(const WsicsStatistics&) const = default;
};

/// Macenko and Vahadane: the optical densities of haematoxylin and eosin, R, G, B each.
struct MixtureStatistics {
  std::array<std::array<double, 3>, 2> stains{};
  std::array<double, 2> max_concentration{};  ///< 99th percentile of each stain's amount.
  bool operator==(const MixtureStatistics&) const = default;
};

/// Reinhard: mean and population sd of L, a, b.
struct LabStatistics {
  std::array<double, 3> mean{};
  std::array<double, 3> sd{};
  bool operator==(const LabStatistics&) const = default;
};

using StainStatistics = std::variant<WsicsStatistics, MixtureStatistics, LabStatistics>;

/// OD = -ln(max(I + add, 1) / white), and back I = white exp(-OD).
struct DensityScale {
  double white = 255;
  double add = 0;
  bool operator==(const DensityScale&) const = default;
};

/// A naive Bayes classifier with one histogram per feature and class (method 3.2 step 6).
struct ColourClassifier {
  int bins = 0;
  std::vector<double> minimum;     ///< Per feature: position of bin 0.
  std::vector<double> width;       ///< Per feature: of a bin.
  std::vector<double> priors;      ///< Per class.
  std::vector<double> likelihood;  ///< [feature][class][bin].
  bool operator==(const ColourClassifier&) const = default;
};

/// What became of one tile that was looked at.
struct SampledTile {
  Rect area;                      ///< Analysis grid.
  std::int64_t nuclei = 0;        ///< Found by WSICS; 0 for the other methods.
  std::int64_t haematoxylin = 0;  ///< Pixels that qualified as samples.
  std::int64_t eosin = 0;
  std::string skipped;  ///< Why it was not used; empty when it was.
  bool operator==(const SampledTile&) const = default;
};

/// How the colours of one slide become those of a template (method 3): a few numbers, from which
/// the map of colours is made where it is needed.
struct Standardisation {
  std::string method;           ///< wsics, macenko, vahadane or reinhard.
  std::string target_name;      ///< Where the template is from.
  DensityScale density;         ///< Macenko and Vahadane.
  StainStatistics source;       ///< Of this slide.
  StainStatistics target;       ///< Of the template; of the same kind as `source`.
  ColourClassifier classifier;  ///< WSICS: which class a colour belongs to. Else empty.
  std::int64_t pixels = 0;      ///< Pixels that `source` was taken from.
  std::vector<SampledTile> tiles;
  std::vector<std::string> warnings;
};

/// SHA-256 of all that decides the map of colours: equal digests, equal colours.
std::string colour_digest(const Standardisation& standardisation);

template <>
struct Payload<Standardisation> {
  static constexpr TypeDesc kDesc{"Standardisation", 1};
  static void describe(Description<Standardisation>& d);
};

}  // namespace mito
