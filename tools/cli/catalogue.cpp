#include <fstream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"
#include "tools/cli/commands.h"
#include "tools/cli/layout_pages.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using mito::graph::NodeType;

std::vector<config::ParamRow> rows_of(const NodeType& type) {
  Diagnostics ignored;
  return type.bind(nullptr, "", ignored).rows;
}

std::string_view shape_name(const NodeType& type) {
  switch (type.shape) {
    case mito::graph::Shape::Map:
      return "map";
    case mito::graph::Shape::Expand:
      return "expand";
    case mito::graph::Shape::Reduce:
      return "reduce";
  }
  return "";
}

std::string allowed(const config::ParamRow& row) {
  if (!row.field.choices.empty()) return fmt::format("{}", fmt::join(row.field.choices, ", "));
  const auto [min, max] = row.field.range;
  const bool low = min != -std::numeric_limits<double>::infinity();
  const bool high = max != std::numeric_limits<double>::infinity();
  if (low && high) return fmt::format("[{}, {}]", number_text(min), number_text(max));
  if (low) return fmt::format(">= {}", number_text(min));
  if (high) return fmt::format("<= {}", number_text(max));
  return row.type;
}

/// Every shape of value the reader takes is in the schema, and nothing else (tests/cli).
Json schema_of(const config::ParamRow& row) {
  Json j;
  const auto number = [&](const char* type) {
    Json n{{"type", type}};
    const auto [min, max] = row.field.range;
    if (min != -std::numeric_limits<double>::infinity()) n["minimum"] = min;
    if (max != std::numeric_limits<double>::infinity()) n["maximum"] = max;
    return n;
  };
  if (row.type == "yes/no") {
    j["type"] = "boolean";
  } else if (row.type == "integer") {
    j = number("integer");
  } else if (row.type == "number") {
    j = number("number");
  } else if (row.type == "number or null") {
    j = number("number");
    j["type"] = {"number", "null"};
  } else if (row.type == "list of numbers") {
    j = {{"type", "array"}, {"items", number("number")}};
  } else if (row.type == "list of integers") {
    j = {{"type", "array"}, {"items", number("integer")}};
  } else if (row.type == "list of texts") {
    j = {{"type", "array"}, {"items", {{"type", "string"}}}};
  } else {
    j["type"] = "string";
    if (!row.field.choices.empty()) j["enum"] = row.field.choices;
  }
  // A parameter may also name a pipeline input.
  Json out{{"description", row.field.doc},
           {"anyOf", Json::array({j, {{"type", "string"}, {"pattern", "^\\$[A-Za-z0-9_]+$"}}})}};
  if (row.type != "text" && row.type != "number or null") {
    const Json value = Json::parse(row.default_value, nullptr, false);
    if (!value.is_discarded()) out["default"] = value;
  } else if (row.type == "text") {
    out["default"] = row.default_value == "\"\"" ? "" : row.default_value;
  } else {
    out["default"] = row.default_value == "null" ? Json(nullptr) : Json::parse(row.default_value);
  }
  return out;
}

Json params_schema(const NodeType& type) {
  Json properties = Json::object();
  for (const auto& row : rows_of(type)) properties[row.name] = schema_of(row);
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", properties}};
}

Json node_schema(const NodeType& type) {
  Json ports = Json::object();
  Json required = Json::array();
  for (const auto& port : type.inputs) {
    ports[std::string(port.name)] = {{"type", "string"}, {"description", port.type->name}};
    if (!port.optional) required.push_back(port.name);
  }
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", type.info.type},
          {"description", type.info.summary},
          {"type", "object"},
          {"additionalProperties", false},
          {"required", {"use"}},
          {"properties",
           {{"use", {{"const", type.info.type}}},
            {"in",
             {{"type", "object"},
              {"additionalProperties", false},
              {"properties", ports},
              {"required", required}}},
            {"params", params_schema(type)},
            {"store", {{"type", "boolean"}}}}}};
}

Json pipeline_schema() {
  Json alternatives = Json::array();
  for (const auto& name : registry().names())
    alternatives.push_back({{"$ref", fmt::format("nodes/{}.schema.json", name)}});
  alternatives.push_back(
      {{"type", "object"},
       {"additionalProperties", false},
       {"required", {"include"}},
       {"properties", {{"include", {{"type", "string"}}}, {"with", {{"type", "object"}}}}}});
  const Json input{{"type", "object"},
                   {"additionalProperties", false},
                   {"required", {"type"}},
                   {"properties",
                    {{"type", {{"type", "string"}}},
                     {"default", Json::object()},
                     {"help", {{"type", "string"}}},
                     {"optional", {{"type", "boolean"}}}}}};
  return {
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "mitoloom pipeline"},
      {"type", "object"},
      {"additionalProperties", false},
      {"required", {"nodes"}},
      {"properties",
       {{"title", {{"type", "string"}}},
        {"inputs", {{"type", "object"}, {"additionalProperties", input}}},
        {"nodes",
         {{"type", "object"},
          {"minProperties", 1},
          {"additionalProperties", {{"oneOf", alternatives}}}}},
        {"presets", {{"type", "object"}, {"additionalProperties", {{"type", {"object", "null"}}}}}},
        {"outputs", {{"type", "array"}, {"items", {{"type", "string"}}}}}}}};
}

/// The keys `figures`, `published` and `labels` of a sweep.
Json report_keys_schema() {
  const Json word = "^[A-Za-z0-9][A-Za-z0-9_-]*$";
  const Json text{{"type", "string"}, {"minLength", 1}};
  const Json plain{{"type", {"string", "number", "boolean"}}};
  const Json figure{
      {"type", "object"},
      {"additionalProperties", false},
      {"required", {"file", "x", "y"}},
      {"properties",
       {{"title", {{"type", "string"}}},
        {"file", {{"type", "string"}, {"pattern", "\\.csv$"}}},
        {"x", text},
        {"y", text},
        {"band", {{"type", "array"}, {"minItems", 2}, {"maxItems", 2}, {"items", text}}},
        {"where", {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", plain}}}}}};
  const Json numbers{
      {"type", "object"}, {"minProperties", 1}, {"additionalProperties", {{"type", "number"}}}};
  const Json labels{{"type", "object"},
                    {"minProperties", 1},
                    {"additionalProperties", {{"type", {"string", "number", "boolean", "null"}}}}};
  return {{"figures",
           {{"type", "object"},
            {"minProperties", 1},
            {"propertyNames", {{"pattern", word}}},
            {"additionalProperties", figure}}},
          {"published",
           {{"type", "object"},
            {"required", {"source"}},
            {"properties", {{"source", text}}},
            {"additionalProperties", numbers}}},
          {"labels", {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", labels}}}};
}

/// Of docs/sweeps.md. What the names of parameters stand for is checked against the pipeline.
Json sweep_schema() {
  const Json names{{"type", "array"}, {"minItems", 1}, {"uniqueItems", true}};
  Json params = names;
  params["items"] = {{"type", "string"}};
  Json seeds = names;
  seeds["items"] = {{"type", "integer"}, {"minimum", 0}, {"maximum", 4294967295}};
  const Json keys{{"type", "array"}, {"minItems", 1}, {"items", {{"type", {"string", "integer"}}}}};
  const Json metric{{"type", "object"},
                    {"additionalProperties", false},
                    {"required", {"file", "at"}},
                    {"properties",
                     {{"file", {{"type", "string"}, {"pattern", "\\.(json|csv)$"}}},
                      {"at", {{"anyOf", Json::array({Json{{"type", "string"}}, keys})}}},
                      {"row",
                       {{"type", "object"},
                        {"minProperties", 1},
                        {"maxProperties", 1},
                        {"additionalProperties", {{"type", {"string", "number", "boolean"}}}}}}}}};
  const Json set{{"type", {"object", "null"}}};
  const Json text{{"type", "string"}};
  const Json optional_text{{"type", {"string", "null"}}};
  const Json seeds_of{{"type", "object"},
                      {"additionalProperties", false},
                      {"required", {"values", "set"}},
                      {"properties", {{"values", seeds}, {"set", params}}}};
  const Json prepare{{"type", "object"},
                     {"additionalProperties", false},
                     {"required", {"base"}},
                     {"properties", {{"base", text}, {"preset", optional_text}, {"set", set}}}};
  const Json variant{{"type", {"object", "null"}}, {"properties", {{"base", text}}}};
  const Json preset{
      {"type", {"object", "null"}},
      {"additionalProperties", false},
      {"properties",
       {{"base", text},
        {"preset", optional_text},
        {"set", set},
        {"prepare", prepare},
        {"variants", {{"type", {"object", "null"}}, {"additionalProperties", variant}}},
        {"seeds", seeds_of}}}};
  const std::string name = "^[A-Za-z0-9][A-Za-z0-9_.+=-]*$";
  Json schema{
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "mitoloom sweep"},
      {"type", "object"},
      {"additionalProperties", false},
      {"required", {"base"}},
      {"anyOf", Json::array({Json{{"required", {"variants"}}}, Json{{"required", {"grid"}}}})},
      {"properties",
       {{"title", text},
        {"base", text},
        {"preset", optional_text},
        {"set", set},
        {"presets", {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", preset}}},
        {"prepare", prepare},
        {"variants",
         {{"type", "object"},
          {"minProperties", 1},
          {"propertyNames", {{"pattern", name}}},
          {"additionalProperties", variant}}},
        {"grid",
         {{"type", "object"},
          {"minProperties", 1},
          {"additionalProperties", {{"type", "array"}, {"minItems", 1}}}}},
        {"seeds", seeds_of},
        {"metrics",
         {{"type", "object"},
          {"minProperties", 1},
          {"propertyNames", {{"pattern", "^[A-Za-z0-9][A-Za-z0-9_-]*$"}}},
          {"additionalProperties", metric}}}}}};
  schema["properties"].update(report_keys_schema());
  return schema;
}

std::string page(const NodeType& type) {
  std::string text =
      fmt::format("# {}\n\n{}\n\nPaper section {}; version {}; shape {}{}.\n\n", type.info.type,
                  type.info.summary, type.info.paper, type.info.version, shape_name(type),
                  type.info.sink ? "; writes a file" : "");
  text += "| port | type |\n|---|---|\n";
  for (const auto& port : type.inputs)
    text += fmt::format("| in `{}` | {}{} |\n", port.name, port.type->name,
                        port.optional ? ", optional" : "");
  const auto output = type.layout
                          ? fmt::format("[{0}](../../schemas/store/{0}.md)", type.output.type->name)
                          : std::string(type.output.type->name);
  text += fmt::format("| out `{}` | {}{} |\n", type.output.name, output,
                      type.encode ? ", can be stored" : "");
  const auto rows = rows_of(type);
  if (!rows.empty()) {
    text += "\n| parameter | default | allowed | from | meaning |\n|---|---|---|---|---|\n";
    for (const auto& row : rows) {
      text +=
          fmt::format("| `{}` | {} | {} | {}{} | {} |\n", row.name, row.default_value, allowed(row),
                      origin_name(row.field.origin),
                      row.field.affects == Affects::Execution ? "; does not change results" : "",
                      row.field.doc);
    }
  }
  return text;
}

std::string paper_map() {
  std::string text =
      "# Where the paper is in the code\n\nPrinted by `mitoloom schema --docs docs`. Tellez et "
      "al., IEEE TMI "
      "2018.\n\n| section | node | what it does |\n|---|---|---|\n";
  std::multimap<std::string, std::string> lines;
  for (const auto& name : registry().names()) {
    const auto type = registry().find(name);
    lines.emplace(type->info.paper, fmt::format("| {} | [{}](nodes/{}.md) | {} |\n",
                                                type->info.paper, name, name, type->info.summary));
  }
  for (const auto& [section, line] : lines) text += line;
  return text;
}

/// Writes a generated file, or reports that it is out of date.
bool settle(const fs::path& file, const std::string& text, bool check) {
  std::ostringstream old;
  if (std::ifstream in(file); in) old << in.rdbuf();
  if (old.str() == text) return true;
  if (check) {
    fmt::print(stderr, "{} is out of date; run 'mitoloom schema {} --docs docs'\n", file.string(),
               "schemas");
    return false;
  }
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
  fmt::print("wrote {}\n", file.string());
  return true;
}

const NodeType& find(const std::string& name) {
  const auto type = registry().find(name);
  if (type == nullptr) {
    throw ConfigError(
        fmt::format("error: no node type '{}'{}", name, did_you_mean(name, registry().names())));
  }
  return *type;
}

}  // namespace

std::string_view origin_name(Origin origin) {
  return origin == Origin::Paper ? "paper" : "our choice";
}

int nodes(bool json) {
  Json list = Json::array();
  for (const auto& name : registry().names()) {
    const auto type = registry().find(name);
    if (json) {
      list.push_back({{"type", name},
                      {"version", type->info.version},
                      {"paper", type->info.paper},
                      {"shape", shape_name(*type)},
                      {"sink", type->info.sink},
                      {"summary", type->info.summary}});
    } else {
      fmt::print("{:<20} {:<8} {:<7} {}\n", name, type->info.paper, shape_name(*type),
                 type->info.summary);
    }
  }
  if (json) fmt::print("{}\n", list.dump(2, ' ', false, Json::error_handler_t::replace));
  return kOk;
}

int describe(const std::string& node, bool json, bool markdown) {
  const NodeType& type = find(node);
  if (json) {
    fmt::print("{}\n", node_schema(type).dump(2, ' ', false, Json::error_handler_t::replace));
    return kOk;
  }
  if (markdown) {
    fmt::print("{}", page(type));
    return kOk;
  }
  fmt::print("{} (paper {}, version {}, {})\n{}\n\n", type.info.type, type.info.paper,
             type.info.version, shape_name(type), type.info.summary);
  for (const auto& port : type.inputs)
    fmt::print("  in  {:<14} {}{}\n", port.name, port.type->name,
               port.optional ? " (optional)" : "");
  fmt::print("  out {:<14} {}{}\n", type.output.name, type.output.type->name,
             type.encode ? " (can be stored)" : "");
  const auto rows = rows_of(type);
  if (!rows.empty()) fmt::print("\nparameters\n");
  for (const auto& row : rows) {
    fmt::print("  {} = {}  ({}, {})\n      {}\n", row.name, row.default_value, allowed(row),
               origin_name(row.field.origin), row.field.doc);
  }
  return kOk;
}

int schema(const fs::path& schemas, const fs::path& docs, bool check) {
  bool fine =
      settle(schemas / "pipeline.schema.json",
             pipeline_schema().dump(2, ' ', false, Json::error_handler_t::replace) + "\n", check);
  fine = settle(schemas / "sweep.schema.json",
                sweep_schema().dump(2, ' ', false, Json::error_handler_t::replace) + "\n", check) &&
         fine;
  for (const auto& name : registry().names()) {
    const auto type = registry().find(name);
    fine = settle(schemas / "nodes" / (name + ".schema.json"),
                  node_schema(*type).dump(2, ' ', false, Json::error_handler_t::replace) + "\n",
                  check) &&
           fine;
    if (!docs.empty()) fine = settle(docs / "nodes" / (name + ".md"), page(*type), check) && fine;
  }
  for (const auto& [name, text] : layout_pages())
    fine = settle(schemas / "store" / name, text, check) && fine;
  if (!docs.empty()) fine = settle(docs / "paper_map.md", paper_map(), check) && fine;
  return fine ? kOk : kFailed;
}

}  // namespace mito::cli
