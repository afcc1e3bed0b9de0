#pragma once
// The keys of a pipeline file (docs/pipelines.md). "@node" stands for what a node may be.
#include <array>

#include "engine/config/file_keys.h"

namespace mito::graph {

inline constexpr std::array kPipelineKeys{
    config::Key{"title", R"({"type": "string"})"},
    config::Key{"inputs", R"({"type": "object", "additionalProperties": "@input"})"},
    config::Key{"presets",
                R"({"type": "object", "additionalProperties": {"type": ["object", "null"]}})"},
    config::Key{"nodes",
                R"({"type": "object", "minProperties": 1, "additionalProperties": "@node"})", true},
    config::Key{"outputs", R"({"type": "array", "items": {"type": "string"}})"}};

inline constexpr std::array kInputKeys{config::Key{"type", R"({"type": "string"})", true},
                                       config::Key{"default", "{}"},
                                       config::Key{"help", R"({"type": "string"})"},
                                       config::Key{"optional", R"({"type": "boolean"})"}};

inline constexpr std::array kIncludeKeys{config::Key{"include", R"({"type": "string"})", true},
                                         config::Key{"with", R"({"type": "object"})"}};

/// "@use", "@in" and "@params" stand for what a node type has.
inline constexpr std::array kNodeKeys{
    config::Key{"use", R"("@use")", true}, config::Key{"in", R"("@in")"},
    config::Key{"params", R"("@params")"},
    config::Key{
        "store",
        R"({"anyOf": [{"type": "boolean"}, {"enum": ["until_used"]}, {"type": "string", "pattern": "^\\$"}]})"}};

/// The value of `store` of a node whose result goes when all that is made of it is stored.
inline constexpr const char* kUntilUsed = "until_used";

}  // namespace mito::graph
