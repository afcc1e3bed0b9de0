#pragma once
#include <optional>
#include <string>

#include "engine/slide/slide.h"
#include "engine/types/pathology.h"

namespace mito::evaluate_mask {

inline constexpr const char* kFile = "tissue.json";

/// How much two masks have in common. Numbers without a denominator are empty (method 0.7).
struct Overlap {
  std::optional<double> jaccard;    ///< Both / either.
  std::optional<double> dice;       ///< 2 both / (found + true).
  std::optional<double> precision;  ///< Both / found.
  std::optional<double> recall;     ///< Both / true.
};

/// Compares the tissue of `mask` with that of `truth`, pixel by pixel. Method 2.5.
/// Throws DataError when the two do not lie on the same grid.
Overlap compare(const TissueMask& mask, const TissueMask& truth);

/// tissue.json: mm2 of each kind of ground, regions, threshold, doubt, and, where `overlap` is
/// given, Jaccard, Dice, precision and recall. Method 2.5.
std::string to_json(const SlideInfo& info,
                    const TissueMask& mask,
                    const std::optional<Overlap>& overlap);

}  // namespace mito::evaluate_mask
