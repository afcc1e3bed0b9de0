#pragma once
#include <string>
#include <vector>

#include "engine/core/described.h"
#include "engine/types/geometry.h"

namespace mito {

/// Numbers of each of some places of a slide, such as its detections: a row per place.
struct FeatureTable {
  std::vector<PointL0> at;
  std::vector<std::string> columns;  ///< Names; one that is a length ends in its unit.
  std::vector<double> values;        ///< [at.size()][columns.size()]; NaN = none.
};

/// As CSV: x, y (level-0 pixels), then the columns; NaN is an empty field.
std::string to_csv(const FeatureTable& table);

template <>
struct Payload<FeatureTable> {
  static constexpr TypeDesc kDesc{"FeatureTable", 1};
  static void describe(Description<FeatureTable>& d);
};

}  // namespace mito
