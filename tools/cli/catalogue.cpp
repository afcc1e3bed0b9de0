#include <fstream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/graph/file_type.h"
#include "engine/graph/pipeline_keys.h"
#include "tools/cli/commands.h"
#include "tools/cli/file_schemas.h"
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

/// "[0, 1] um": what a parameter may be, with its unit.
std::string allowed(const config::ParamRow& row) {
  if (!row.field.choices.empty()) return fmt::format("{}", fmt::join(row.field.choices, ", "));
  const auto [min, max] = row.field.range;
  const bool low = min != -std::numeric_limits<double>::infinity();
  const bool high = max != std::numeric_limits<double>::infinity();
  std::string text = row.type;
  if (low && high) {
    text = fmt::format("[{}, {}]", number_text(min), number_text(max));
  } else if (low) {
    text = fmt::format(">= {}", number_text(min));
  } else if (high) {
    text = fmt::format("<= {}", number_text(max));
  }
  const auto unit = name_of(row.field.unit);
  return unit.empty() ? text : fmt::format("{} {}", text, unit);
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
  Json out{{"description", row.field.doc}};
  if (row.field.unit != Unit::None) out["unit"] = name_of(row.field.unit);
  out["anyOf"] = Json::array({j, {{"type", "string"}, {"pattern", "^\\$[A-Za-z0-9_]+$"}}});
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
  return {{"type", "object"},
          {"additionalProperties", mito::graph::file_type(type) != nullptr},
          {"properties", properties}};
}

Json node_schema(const NodeType& type) {
  Json ports = Json::object();
  Json required = Json::array();
  for (const auto& port : type.inputs) {
    ports[std::string(port.name)] = {{"type", "string"}, {"description", port.type->name}};
    if (!port.optional) required.push_back(port.name);
  }
  Json in{{"type", "object"},
          {"additionalProperties", false},
          {"properties", ports},
          {"required", required}};
  if (mito::graph::file_type(type) != nullptr)
    in["additionalProperties"] = {{"type", "string"}};  // its file names them
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"},
           {"title", type.info.type},
           {"description", type.info.summary}};
  const Json node = object_schema(
      mito::graph::kNodeKeys,
      {{"use", {{"const", type.info.type}}}, {"in", in}, {"params", params_schema(type)}});
  for (const auto& [name, value] : node.items()) out[name] = value;
  return out;
}

/// What may stand under a name in `nodes:`. Editors offer all types with what they are for, name a
/// misspelt one, and know the ports and parameters of the one that is there; with one alternative
/// for each type they would tell of the first only.
Json one_node_schema() {
  Json names = Json::array();
  Json summaries = Json::array();
  Json by_type = Json::array();
  for (const auto& name : registry().names()) {
    names.push_back(name);
    summaries.push_back(registry().find(name)->info.summary);
    const Json is_it{{"required", {"use"}}, {"properties", {{"use", {{"const", name}}}}}};
    by_type.push_back(
        {{"if", is_it}, {"then", {{"$ref", fmt::format("nodes/{}.schema.json", name)}}}});
  }
  const Json use{{"description", "Type of the node: mitoloom nodes"},
                 {"enum", std::move(names)},
                 {"enumDescriptions", summaries},
                 {"markdownEnumDescriptions", summaries}};
  return {{"type", "object"},
          {"if", {{"required", {"include"}}}},
          {"then", object_schema(mito::graph::kIncludeKeys)},
          {"else",
           {{"required", {"use"}}, {"properties", {{"use", use}}}, {"allOf", std::move(by_type)}}}};
}

std::string page(const NodeType& type) {
  std::string text =
      fmt::format("# {}\n\n{}\n\nPaper section {}; version {}; shape {}{}.\n\n", type.info.type,
                  type.info.summary, type.info.paper, type.info.version, shape_name(type),
                  type.info.sink ? "; writes a file" : "");
  if (mito::graph::file_type(type) != nullptr)
    text +=
        "Inputs, output and further parameters are those that the file of the step declares.\n\n";
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
  write_file(file, text);
  fmt::print("wrote {}\n", file.string());
  return true;
}

/// " [plug-in density.so]"; empty for types of this program.
std::string from_plugin(const NodeType& type) {
  if (type.plugin == nullptr) return "";
  return fmt::format(" [plug-in {}]", type.plugin->file.filename().string());
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
      Json one{{"type", name},
               {"version", type->info.version},
               {"paper", type->info.paper},
               {"shape", shape_name(*type)},
               {"sink", type->info.sink},
               {"summary", type->info.summary}};
      if (type->plugin != nullptr)
        one["plugin"] = {{"file", type->plugin->file.string()}, {"digest", type->plugin->digest}};
      list.push_back(std::move(one));
    } else {
      fmt::print("{:<20} {:<8} {:<7} {}{}\n", name, type->info.paper, shape_name(*type),
                 type->info.summary, from_plugin(*type));
    }
  }
  if (json) fmt::print("{}", json_text(list));
  return kOk;
}

int describe(const std::string& node, bool json, bool markdown) {
  const NodeType& type = find(node);
  if (json) {
    fmt::print("{}", json_text(node_schema(type)));
    return kOk;
  }
  if (markdown) {
    fmt::print("{}", page(type));
    return kOk;
  }
  fmt::print("{} (paper {}, version {}, {})\n{}{}\n\n", type.info.type, type.info.paper,
             type.info.version, shape_name(type), type.info.summary, from_plugin(type));
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
  bool fine = settle(schemas / "pipeline.schema.json",
                     json_text(pipeline_schema(one_node_schema())), check);
  fine = settle(schemas / "sweep.schema.json", json_text(sweep_schema()), check) && fine;
  for (const auto& name : registry().names()) {
    const auto type = registry().find(name);
    fine =
        settle(schemas / "nodes" / (name + ".schema.json"), json_text(node_schema(*type)), check) &&
        fine;
    if (!docs.empty()) fine = settle(docs / "nodes" / (name + ".md"), page(*type), check) && fine;
  }
  for (const auto& [name, text] : layout_pages())
    fine = settle(schemas / "store" / name, text, check) && fine;
  if (!docs.empty()) fine = settle(docs / "paper_map.md", paper_map(), check) && fine;
  return fine ? kOk : kFailed;
}

}  // namespace mito::cli
