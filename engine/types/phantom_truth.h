#pragma once
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "engine/types/geometry.h"

namespace mito {

/// What an object of a drawn pair of slides is.
enum class ObjectClass : std::uint8_t {
  Mitosis,
  Pyknotic,
  Apoptotic,
  Hyperchromatic,
  Pigment,
  Artefact,
  Nonspecific,
};

/// One object of a drawn pair, level-0 pixels of each slide.
struct PhantomObject {
  ObjectClass kind = ObjectClass::Artefact;
  PointL0 he;
  PointL0 phh3;      ///< (0, 0) when it is not brown.
  bool dab = false;  ///< Brown on the PHH3 slide.
};

/// Reads NAME_truth.csv of the node `phantom`: CSV with the columns class, x_he, y_he, x_phh3,
/// y_phh3, dab; others are not looked at. Throws DataError naming file, line and column.
std::vector<PhantomObject> read_phantom_truth(const std::filesystem::path& file);

}  // namespace mito
