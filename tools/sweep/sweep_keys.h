#pragma once
// The keys of a sweep file (docs/sweeps.md).
#include <array>

#include "engine/config/file_keys.h"

namespace mito::sweep {

using config::Key;

inline constexpr const char* kText = R"({"type": "string"})";
inline constexpr const char* kFilledText = R"({"type": "string", "minLength": 1})";
inline constexpr const char* kPresetName = R"({"type": ["string", "null"]})";
inline constexpr const char* kSettings = R"({"type": ["object", "null"]})";

/// One step, or steps by their names.
inline constexpr const char* kPrepare = R"({"anyOf": ["@step", {"type": "object",
    "minProperties": 1, "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_.+=-]*$"},
    "additionalProperties": "@step"}]})";

inline constexpr std::array kSweepKeys{
    Key{"title", kText},
    Key{"base", kText, true},
    Key{"preset", kPresetName},
    Key{"set", kSettings},
    Key{"presets", R"({"type": "object", "minProperties": 1, "additionalProperties": "@preset"})"},
    Key{"prepare", kPrepare},
    Key{"variants", R"({"type": "object", "minProperties": 1,
        "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_.+=-]*$"},
        "additionalProperties": "@variant"})"},
    Key{"grid", R"({"type": "object", "minProperties": 1,
        "additionalProperties": {"type": "array", "minItems": 1}})"},
    Key{"seeds", R"("@seeds")"},
    Key{"metrics", R"({"type": "object", "minProperties": 1,
        "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$"},
        "additionalProperties": "@metric"})"},
    Key{"baseline", kFilledText},
    Key{"figures", R"({"type": "object", "minProperties": 1,
        "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$"},
        "additionalProperties": "@figure"})"},
    Key{"published", R"({"type": "object", "required": ["source"],
        "properties": {"source": {"type": "string", "minLength": 1}},
        "additionalProperties": {"type": "object", "minProperties": 1,
                                 "additionalProperties": {"type": "number"}}})"},
    Key{"labels", R"({"type": "object", "minProperties": 1,
        "additionalProperties": {"type": "object", "minProperties": 1,
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}})"}};

/// Of one of `presets`.
inline constexpr std::array kPresetKeys{
    Key{"base", kText}, Key{"preset", kPresetName}, Key{"set", kSettings},
    // Of steps that the file names, what is to be otherwise.
    Key{"prepare", R"({"anyOf": ["@step", {"type": "object", "minProperties": 1,
        "additionalProperties": {"type": "object"}}]})"},
    Key{"variants", R"({"type": ["object", "null"], "additionalProperties": "@variant"})"},
    Key{"seeds", R"("@seeds")"}};

/// Of one step of `prepare`.
inline constexpr std::array kStepKeys{Key{"base", kText, true}, Key{"preset", kPresetName},
                                      Key{"set", kSettings}};

inline constexpr std::array kSeedsKeys{
    Key{"values", R"({"type": "array", "minItems": 1, "uniqueItems": true,
        "items": {"type": "integer", "minimum": 0, "maximum": 4294967295}})",
        true},
    Key{"set", R"({"type": "array", "minItems": 1, "uniqueItems": true,
        "items": {"type": "string"}})",
        true}};

/// Of one of `metrics`.
inline constexpr std::array kMetricKeys{
    Key{"file", R"({"type": "string", "pattern": "\\.(json|csv)$"})", true},
    Key{"at", R"({"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1,
        "items": {"type": ["string", "integer"]}}]})",
        true},
    Key{"row", R"({"type": "object", "minProperties": 1, "maxProperties": 1,
        "additionalProperties": {"type": ["string", "number", "boolean"]}})"},
    Key{"better", R"({"enum": ["higher", "lower"]})"}, Key{"cases", R"("@cases")"}};

/// Of `cases` of a metric.
inline constexpr std::array kCasesKeys{
    Key{"file", R"({"type": "string", "pattern": "\\.csv$"})", true}, Key{"by", kFilledText},
    Key{"measure", R"({"enum": ["f1", "precision", "recall"]})"},
    Key{"ratio", R"({"type": "array", "minItems": 2, "maxItems": 2,
        "items": {"type": "string", "minLength": 1}})"}};

/// Of one of `figures`.
inline constexpr std::array kFigureKeys{
    Key{"title", kText},
    Key{"file", R"({"type": "string", "pattern": "\\.csv$"})", true},
    Key{"x", kFilledText, true},
    Key{"y", kFilledText, true},
    Key{"band", R"({"type": "array", "minItems": 2, "maxItems": 2,
        "items": {"type": "string", "minLength": 1}})"},
    Key{"where", R"({"type": "object", "minProperties": 1,
        "additionalProperties": {"type": ["string", "number", "boolean"]}})"}};

}  // namespace mito::sweep
