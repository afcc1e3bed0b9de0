#pragma once
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/core/text.h"
#include "engine/types/seen_images.h"

// What the reports of several nodes have in common.
namespace mito {

/// Every report says it (method 14).
inline constexpr const char* kNotAMedicalDevice =
    "Research use only. This is not a medical device; the result must not be used for diagnosis or "
    "treatment.";

/// A cell of a CSV: empty where a number is undefined.
inline std::string number_or_empty(const std::optional<double>& value) {
  return value ? number_text(*value) : "";
}

/// In JSON: null where a number is undefined, or a text is empty.
inline nlohmann::ordered_json number_or_null(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}
inline nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

/// What is known of leaks, as every report of a measurement has it; null where nothing was looked
/// at.
inline nlohmann::ordered_json leaks_json(const LeakCheck& leaks) {
  return {{"names", text_or_null(leaks.names)}, {"content", text_or_null(leaks.content)}};
}

}  // namespace mito
