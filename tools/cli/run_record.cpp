#include "tools/cli/run_record.h"

#include <nlohmann/json.hpp>

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "engine/core/run_files.h"
#include "engine/core/text.h"
#include "engine/core/version.h"
#include "tools/cli/revision.h"
#include "tools/diff/run_folder.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json nodes_json(const mito::graph::Graph& graph) {
  Json nodes = Json::object();
  for (const auto& node : graph.nodes()) {
    Json parameters = Json::object();
    for (const auto& row : node.params) {
      if (row.field.affects != Affects::Execution) parameters[row.name] = row.value;
    }
    Json inputs = Json::object();
    for (const auto& [port, source] : node.sources) inputs[port] = source;
    nodes[node.id] = {{"type", node.type->info.type},
                      {"version", node.type->info.version},
                      {"parameters", std::move(parameters)},
                      {"inputs", std::move(inputs)}};
    if (const auto& plugin = node.type->plugin; plugin != nullptr)
      nodes[node.id]["plugin"] = {{"file", utf8_text(plugin->file.filename().string())},
                                  {"digest", plugin->digest}};
  }
  return nodes;
}

Json inputs_json(const mito::graph::Graph& graph, FileDigests& digests) {
  Json inputs = Json::object();
  for (const auto& input : graph.inputs(digests)) {
    Json one{{"type", input.type}};
    if (!input.value.empty()) one["value"] = utf8_text(input.value);
    Json files = Json::array();
    for (const auto& path : input.paths)
      files.push_back(utf8_text(fs::absolute(path).lexically_normal().string()));
    if (!input.paths.empty()) one["files"] = std::move(files);
    if (!input.digest.empty()) one["digest"] = input.digest;
    inputs[input.name] = std::move(one);
  }
  return inputs;
}

}  // namespace

void remove_run_record(const fs::path& folder) {
  std::error_code ignored;
  fs::remove(folder / run_files::kRecord, ignored);
}

void write_run_record(const fs::path& folder,
                      const mito::graph::Graph& graph,
                      FileDigests& digests) {
  const Json json{{"mitoloom_run", diff::kRunRecordFormat},
                  {"version", std::string(version())},
                  {"revision", std::string(revision())},
                  {"pipeline", fs::path(graph.pipeline().file).filename().string()},
                  {"nodes", nodes_json(graph)},
                  {"inputs", inputs_json(graph, digests)}};
  fs::create_directories(folder);
  write_file(folder / run_files::kRecord, json_text(json));
}

}  // namespace mito::cli
