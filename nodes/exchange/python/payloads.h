#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/payload.h"
#include "engine/slide/slide.h"
#include "engine/types/feature_table.h"
#include "engine/types/pathology.h"
#include "nodes/exchange/python/worker.h"

// What payloads are for a function in Python, and what it must return for them
// (docs/python_steps.md).
namespace mito::python {

/// The inputs of one call, for results that lie on the same grid or have the same rows.
struct Around {
  const Slide* slide = nullptr;
  const Tile* tile = nullptr;
  const CandidateSet* candidates = nullptr;
  const DetectionSet* detections = nullptr;
  double overview_um = 0;  ///< um per pixel of `slide.overview`; 0: none.
};

/// A payload that a step may have as an input, as its output, or as both.
struct StepPayload {
  const TypeDesc* type;
  /// Null for what is only an output. `around` is that of the call.
  Given (*give)(const void* value, const Around& around) = nullptr;
  /// Null for what is only an input. Throws DataError: what was expected and what was found.
  std::shared_ptr<const void> (*take)(const Returned& returned, const Around& around) = nullptr;
  /// Of a step with such an output: one of these inputs must be connected; empty: none need be.
  std::vector<std::string_view> needs = {};
};

/// Those there are, in the order of their names.
const std::vector<StepPayload>& step_payloads();

/// Null for none of this name.
const StepPayload* find_payload(std::string_view name);

/// The entry of `around` that an input of this type is, if it is one.
void note(Around& around, const TypeDesc* type, const void* value);

}  // namespace mito::python
