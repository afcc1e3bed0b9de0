#include "tools/cli/file_schemas.h"

#include "engine/graph/pipeline_keys.h"
#include "tools/sweep/sweep_keys.h"

namespace mito::cli {
namespace {

constexpr const char* kDraft = "http://json-schema.org/draft-07/schema#";

/// Puts what names stand for in their places.
Schema resolved(const Schema& schema, const Named& named) {
  if (schema.is_string() && schema.get<std::string>().starts_with('@'))
    return named.at(schema.get<std::string>().substr(1));
  if (!schema.is_structured()) return schema;
  Schema out = schema;
  for (auto& part : out) part = resolved(part, named);
  return out;
}

/// `first` and behind it what `rest` has.
Schema joined(Schema first, const Schema& rest) {
  for (const auto& [name, value] : rest.items()) first[name] = value;
  return first;
}

}  // namespace

Schema object_schema(std::span<const config::Key> keys, const Named& named, const Schema& type) {
  Schema required = Schema::array();
  Schema properties = Schema::object();
  for (const auto& key : keys) {
    if (key.required) required.push_back(key.name);
    properties[std::string(key.name)] = resolved(Schema::parse(key.schema), named);
  }
  Schema out{{"type", type}, {"additionalProperties", false}};
  if (!required.empty()) out["required"] = std::move(required);
  out["properties"] = std::move(properties);
  return out;
}

Schema pipeline_schema(const Schema& node) {
  return joined({{"$schema", kDraft}, {"title", "mitoloom pipeline"}},
                object_schema(graph::kPipelineKeys,
                              {{"input", object_schema(graph::kInputKeys)}, {"node", node}}));
}

Schema sweep_schema() {
  Named named{
      {"step", object_schema(sweep::kStepKeys)},
      {"seeds", object_schema(sweep::kSeedsKeys)},
      {"metric", object_schema(sweep::kMetricKeys, {{"cases", object_schema(sweep::kCasesKeys)}})},
      {"figure", object_schema(sweep::kFigureKeys)},
      // Its other keys are names of the pipeline's parameters.
      {"variant",
       {{"type", {"object", "null"}}, {"properties", {{"base", Schema::parse(sweep::kText)}}}}}};
  named["preset"] = object_schema(sweep::kPresetKeys, named, {"object", "null"});
  Schema out = object_schema(sweep::kSweepKeys, named);
  out["anyOf"] =
      Schema::array({Schema{{"required", {"variants"}}}, Schema{{"required", {"grid"}}}});
  return joined({{"$schema", kDraft}, {"title", "mitoloom sweep"}}, out);
}

}  // namespace mito::cli
