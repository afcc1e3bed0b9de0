#pragma once
#include <map>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/config/file_keys.h"

// JSON Schemas of the files that people write, from the tables that their readers go by.
namespace mito::cli {

using Schema = nlohmann::ordered_json;

/// What "@WORD" stands for in the schemas of keys.
using Named = std::map<std::string, Schema>;

/// Of a map with these keys and no others. `type`: "object", or a list of types.
Schema object_schema(std::span<const config::Key> keys,
                     const Named& named = {},
                     const Schema& type = "object");

/// Of a pipeline file. `node`: what may stand under a name in `nodes:`.
Schema pipeline_schema(const Schema& node);

/// Of a sweep file. What the names of parameters stand for is checked against the pipeline.
Schema sweep_schema();

}  // namespace mito::cli
