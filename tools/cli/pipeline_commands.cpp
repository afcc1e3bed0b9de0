#include <cstdio>
#include <cstdlib>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/json_text.h"
#include "engine/graph/plugins.h"
#include "engine/store/hdf5_store.h"
#include "nodes/registry.h"
#include "tools/cli/ahead.h"
#include "tools/cli/commands.h"
#include "tools/cli/shown_params.h"
#include "tools/cli/sweep_look.h"

namespace mito::cli {

namespace fs = std::filesystem;

std::vector<std::string>& named_plugins() {
  static std::vector<std::string> of_the_command_line;
  return of_the_command_line;
}

const mito::graph::Registry& registry() {
  static const auto kRegistry = [] {
    mito::graph::Registry r;
    nodes::register_all(r);
    for (const auto& file : mito::graph::find_plugins(named_plugins()))
      mito::graph::load_plugin(file, r);
    return r;
  }();
  return kRegistry;
}

std::vector<mito::graph::Override> overrides_of(const std::vector<std::string>& set) {
  std::vector<mito::graph::Override> overrides;
  overrides.reserve(set.size());
  for (const auto& text : set) overrides.push_back(mito::graph::parse_override(text));
  return overrides;
}

mito::graph::Graph load(const PipelineOptions& options, bool require_inputs) {
  Diagnostics problems;
  const auto pipeline =
      mito::graph::load_pipeline(options.file, overrides_of(options.set), problems, options.preset);
  if (pipeline.nodes.empty()) problems.throw_if_any();
  auto graph = mito::graph::Graph::build(pipeline, registry(), problems, require_inputs);
  problems.throw_if_any();
  return graph;
}

fs::path store_root(const std::string& option) {
  if (!option.empty()) return option;
  const char* from_environment = std::getenv("MITOLOOM_STORE");
  return from_environment != nullptr && *from_environment != '\0' ? from_environment
                                                                  : ".mitoloom/store";
}

std::unique_ptr<FileDigests> file_digests(const fs::path& root, bool verify_inputs) {
  if (root.empty()) return std::make_unique<FileDigests>();
  return std::make_unique<FileDigests>(root / store::kDigests, verify_inputs
                                                                   ? FileDigests::Trust::Nothing
                                                                   : FileDigests::Trust::Journal);
}

int validate(const PipelineOptions& options) {
  if (is_sweep(options.file)) return validate_sweep(options);
  const auto graph = load(options, false);
  warn_ahead(graph);
  refuse_seen_cases(graph);
  std::string missing;
  for (const auto& input : graph.pipeline().inputs) {
    if (!input.value && !input.optional)
      missing += fmt::format("\n  needs --set {}=... ({}) {}", input.name, input.type, input.help);
  }
  const auto& presets = graph.pipeline().presets;
  if (!presets.empty() && options.preset.empty())
    missing += fmt::format("\n  has presets {} (--preset NAME)", fmt::join(presets, ", "));
  fmt::print("{}: ok, {} nodes{}\n", options.file, graph.nodes().size(), missing);
  return kOk;
}

namespace {

std::string node_label(const mito::graph::NodeView& node) {
  static constexpr const char* kLayers[] = {"per run", "per item", "per part"};
  return fmt::format("{}\\n{} ({})", node.id, node.type->info.type,
                     kLayers[static_cast<int>(node.layer)]);
}

std::string dot(const mito::graph::Graph& graph) {
  std::string text =
      "digraph pipeline {\n  rankdir=LR;\n  node [shape=box, style=rounded, "
      "fontname=\"sans-serif\", fontsize=11];\n  edge [fontname=\"sans-serif\", fontsize=9];\n";
  for (const auto& input : graph.pipeline().inputs) {
    text += fmt::format("  \"${}\" [label=\"${}\\n{}\", shape=ellipse];\n", input.name, input.name,
                        input.type);
  }
  for (const auto& node : graph.nodes()) {
    text += fmt::format("  \"{}\" [label=\"{}\"{}{}];\n", node.id, node_label(node),
                        node.store ? ", style=\"rounded,filled\", fillcolor=\"#dfe9f5\"" : "",
                        node.type->info.sink ? ", shape=note" : "");
    for (const auto& [port, source] : node.sources)
      text += fmt::format("  \"{}\" -> \"{}\" [label=\"{}\"];\n", source, node.id, port);
  }
  return text + "}\n";
}

std::string mermaid(const mito::graph::Graph& graph) {
  const auto name = [](std::string id) {
    for (char& c : id) {
      if (c == '.' || c == '$') c = '_';
    }
    return "n_" + id;
  };
  std::string text = "flowchart LR\n";
  for (const auto& input : graph.pipeline().inputs)
    text += fmt::format("  {}([\"${} : {}\"])\n", name("$" + input.name), input.name, input.type);
  for (const auto& node : graph.nodes()) {
    text += fmt::format("  {}[\"{}<br/>{}\"]\n", name(node.id), node.id, node.type->info.type);
    for (const auto& [port, source] : node.sources)
      text += fmt::format("  {} -->|{}| {}\n", name(source), port, name(node.id));
  }
  return text;
}

}  // namespace

int graph(const PipelineOptions& options, const std::string& format) {
  const auto pipeline = load(options, false);
  if (format == "mermaid") {
    fmt::print("{}", mermaid(pipeline));
    return kOk;
  }
  if (format == "dot") {
    fmt::print("{}", dot(pipeline));
    return kOk;
  }
  std::fflush(stdout);
  FILE* drawer = ::popen("dot -Tsvg", "w");
  if (drawer == nullptr) throw DataError("cannot start 'dot'");
  const std::string text = dot(pipeline);
  std::fwrite(text.data(), 1, text.size(), drawer);
  if (::pclose(drawer) != 0)
    throw DataError(
        "'dot -Tsvg' failed; install Graphviz (apt-get install graphviz) or use --format dot");
  return kOk;
}

int params(const PipelineOptions& options, bool json) {
  if (is_sweep(options.file)) return params_sweep(options, json);
  const auto graph = load(options, false);
  auto list = nlohmann::ordered_json::array();
  for (const auto& node : graph.nodes()) {
    if (!json && !node.params.empty()) fmt::print("{} ({})\n", node.id, node.type->info.type);
    for (const auto& param : shown_params(node)) {
      if (json) {
        list.push_back({{"node", node.id},
                        {"parameter", param.name},
                        {"value", param.value},
                        {"in_effect", param.in_effect},
                        {"default", param.default_value},
                        {"origin", param.origin}});
      } else {
        fmt::print("  {:<26} {:<22} {}\n", param.name, param.in_effect, param.origin);
      }
    }
  }
  if (json) fmt::print("{}", json_text(list));
  return kOk;
}

}  // namespace mito::cli
