#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "nodes/reference/annotation_import/observer_result.h"

namespace mito::annotation_import {

inline constexpr const char* kSheetFile = "observer_sheet.png";

/// Samples whom equally many observers call mitotic.
struct SheetGroup {
  std::size_t mitotic = 0;           ///< Observers who say so.
  std::vector<std::size_t> samples;  ///< By score, highest first.
};

/// The groups that have samples, from those that all call mitotic to those that none does.
std::vector<SheetGroup> sheet_groups(const Answers& answers);

/// The detections of a study with what every observer says of them, as the figure in the paper's
/// appendix (Fig. 8): a block of patches per group, framed by the majority's answer; below each its
/// score and a mark per observer. PNG. Empty when the patches do not lie beside the key. Throws
/// DataError when one of them is missing or changed.
std::string observer_sheet(const Answers& answers);

}  // namespace mito::annotation_import
