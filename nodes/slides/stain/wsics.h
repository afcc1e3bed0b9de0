#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "engine/types/standardisation.h"
#include "nodes/slides/stain/hsd.h"

namespace mito::stain {

using Point = std::array<double, 2>;

/// Statistics of the pixels of one class. Method 3.2 step 5. Throws DataError for fewer than two.
ClassStatistics class_statistics(std::span<const Rgb8> pixels);

/// The same class with its axis pointing the other way: angle + pi, knots negated and reversed.
ClassStatistics turned(const ClassStatistics& statistics);

/// `target` with every axis turned that points away from that of `source`.
WsicsStatistics aligned(const WsicsStatistics& target, const WsicsStatistics& source);

/// A colour as each class would have it, and all of them together.
struct ClassMapped {
  std::array<Point, WsicsStatistics::kClasses> points{};  ///< (cx, cy) per class.
  Hsd hsd;                                                ///< Weighted; density in 0..5.5413.
};

/// The map of one colour to the template. Method 3.2 step 7.
class WsicsMap {
 public:
  /// Turns the axes of `target` where needed.
  WsicsMap(const WsicsStatistics& source, const WsicsStatistics& target);

  /// `weights`: share of haematoxylin, eosin and background, summing to 1.
  ClassMapped operator()(const Hsd& colour, std::span<const double> weights) const;

  /// What cannot be mapped and stays as it is: axes and densities without spread.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  /// u or v of one stain from the source's knots to the template's.
  struct Axis {
    ClassStatistics::Knots source{};
    ClassStatistics::Knots target{};
    bool fixed = false;
    double map(double value) const;
  };
  struct Stain {
    Point source_median{};
    Point target_median{};
    double source_cos = 1;
    double source_sin = 0;
    double target_cos = 1;
    double target_sin = 0;
    Axis u;
    Axis v;
  };
  struct Density {
    double scale = 1;
    double shift = 0;
  };
  Point stained(const Stain& stain, const Hsd& colour) const;

  std::array<Stain, 2> stains_{};
  Point background_shift_{};
  std::array<Density, WsicsStatistics::kClasses> densities_{};
  std::vector<std::string> warnings_;
};

}  // namespace mito::stain
