#pragma once
#include <span>

#include "engine/types/standardisation.h"
#include "nodes/slides/stain/hsd.h"

namespace mito::stain {

/// CIELAB (D65, 2 degrees) of an sRGB colour in [0, 1], with the constants of scikit-image.
Triple lab_from_rgb(const Triple& rgb);
/// The way back, clipped to [0, 1].
Triple rgb_from_lab(const Triple& lab);

/// CIELAB of 8-bit pixels.
Triple to_lab(const Rgb8& rgb);

/// Mean and population sd of L, a, b. Throws DataError for no pixels.
LabStatistics lab_statistics(std::span<const Rgb8> pixels);

/// Reinhard's transfer of one colour: per channel (x - mean) / sd * sd' + mean', or a shift where
/// either sd is below 1e-6. RGB in [0, 1]. Method 3.5.
Triple transfer_lab(const Triple& lab, const LabStatistics& source, const LabStatistics& target);

}  // namespace mito::stain
