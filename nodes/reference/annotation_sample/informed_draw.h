#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/random.h"

namespace mito::annotation_sample {

/// The chance of each place to be among about `count` places that are to inform about a threshold.
/// The scores, as ln(p / (1 - p)), fall into ranges of width 1 from -6 to 6 and beyond. A share of
/// the draw goes to all ranges that hold a place alike, however many they hold; `by_disagreement`
/// of it to places in proportion to `disagreement`, which may be empty. No chance is above 1, and
/// their sum is `count`, or the number of places where there are fewer. Method 12.1.
std::vector<double> inclusion_chances(std::span<const double> scores,
                                      std::span<const float> disagreement,
                                      std::size_t count,
                                      double by_disagreement);

/// A systematic draw with these chances over the places in random order: exactly as many places as
/// the chances sum up to, in that order.
std::vector<std::size_t> draw_systematic(std::span<const double> chances, RandomStream& random);

}  // namespace mito::annotation_sample
