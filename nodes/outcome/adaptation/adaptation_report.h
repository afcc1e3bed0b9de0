#pragma once
#include <string>

#include "engine/core/output_file.h"
#include "engine/nn/model.h"
#include "engine/types/adapted.h"

namespace mito::adaptation {

inline constexpr const char* kPlacesFile = "adaptation_places.csv";
inline constexpr const char* kCardFile = "adapted.md";
inline constexpr const char* kReportFile = "adaptation.json";

/// The card of the model for people; adaptation.json, the same in numbers; and a row for every
/// labelled place. What is undefined is null or empty. `model`: what adapted_model() made.
OutputFiles report(const Adaptation& adaptation, const nn::Model& model);

}  // namespace mito::adaptation
