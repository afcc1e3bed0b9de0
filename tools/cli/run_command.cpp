#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "engine/core/json_text.h"
#include "engine/nn/backend.h"
#include "engine/store/hdf5_store.h"
#include "tools/cli/ahead.h"
#include "tools/cli/commands.h"
#include "tools/cli/disk.h"
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/run_record.h"

namespace mito::cli {
namespace {

using Json = nlohmann::ordered_json;

/// What a person wants to know of an output, as JSON: null for payloads without a short form.
Json brief(const mito::graph::NodeType& type, const mito::graph::Data& data) {
  Json values;
  if (type.summary == nullptr) return values;
  for (const auto& [name, value] : type.summary(data))
    std::visit([&, &key = name](const auto& v) { values[key] = v; }, value);
  return values;
}

/// By slide, and by node in the order of the pipeline.
Json summary(const mito::graph::Graph& graph, const mito::graph::RunReport& report) {
  Json slides = Json::object();
  for (const auto& node : graph.nodes()) {
    const auto found = report.told.find(node.id);
    if (found == report.told.end()) continue;
    for (const auto& told : found->second)
      if (!told.text.empty())
        slides[told.item.empty() ? "run" : told.item][node.id] = Json::parse(told.text);
  }
  return slides;
}

/// Did no body run whose result is kept?
bool all_cached(const mito::graph::Graph& graph, const mito::graph::RunReport& report) {
  return std::ranges::none_of(graph.nodes(), [&](const mito::graph::NodeView& node) {
    return (node.store || node.type->info.sink) && report.runs.contains(node.id);
  });
}

void print_summary(const Json& slides) {
  for (const auto& [slide, nodes] : slides.items()) {
    std::string text;
    for (const auto& [node, values] : nodes.items()) {
      for (const auto& [name, value] : values.items())
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                            value.is_number_float() ? fmt::format("{:.4g}", value.get<double>())
                            : value.is_string()     ? fmt::format("({})", value.get<std::string>())
                                                    : value.dump());
    }
    fmt::print("{}: {}\n", slide, text);
  }
}

}  // namespace

mito::graph::RunOptions run_options(const RunCommand& command) {
  mito::graph::RunOptions options;
  options.threads = command.jobs;
  options.keep_going = command.keep_going;
  options.stall_s = command.stall_s;
  options.device = command.device;
  options.auto_accelerates = mito::nn::auto_accelerates();
  options.out = out_folder(command.pipeline.file, command.out);
  return options;
}

int run(const RunCommand& command, const std::atomic<bool>& stop) {
  const auto start = std::chrono::steady_clock::now();
  auto graph = load(command.pipeline, true);
  check_output_folder(run_options(command).out);
  warn_ahead(graph);
  refuse_seen_cases(graph);
  const auto root = command.no_store ? std::filesystem::path() : store_root(command.store);
  std::optional<store::Hdf5Store> store;
  if (!command.no_store) store.emplace(root);
  const auto digests = file_digests(root, command.verify_inputs);

  mito::graph::Progress progress;
  ProgressDisplay display(command.progress, progress, *digests);
  auto options = run_options(command);
  options.store = store ? &*store : nullptr;
  options.digests = digests.get();
  options.stop = &stop;
  options.progress = &progress;
  options.on_stall = [](const std::string& text) { spdlog::warn("{}", text); };
  if (!command.ignore_disk) refuse_without_room(graph, options, root);
  remove_run_record(options.out);
  options.tell = [](const mito::graph::NodeType& type, const mito::graph::Data& data) {
    const Json values = brief(type, data);
    return values.is_null() ? std::string() : json_text(values);
  };
  const auto report = graph.run(options);
  display.finish();
  write_run_record(options.out, graph, *digests);

  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  const Json slides = summary(graph, report);
  if (command.json) {
    Json failures = Json::array();
    for (const auto& f : report.failures)
      failures.push_back({{"slide", f.item}, {"message", f.message}});
    Json seconds = Json::object();
    for (const auto& [node, value] : report.seconds) seconds[node] = value;
    Json runs = Json::object();
    for (const auto& [node, value] : report.runs) runs[node] = value;
    fmt::print("{}", json_text(Json{{"out", options.out.string()},
                                    {"slides", slides},
                                    {"failed", failures},
                                    {"seconds", elapsed.count()},
                                    {"node_seconds", seconds},
                                    {"node_runs", runs}}));
  } else {
    print_summary(slides);
    fmt::print("results in {} ({:.1f} s{})\n", options.out.string(), elapsed.count(),
               all_cached(graph, report) ? ", everything was cached" : "");
  }
  for (const auto& failure : report.failures)
    fmt::print(stderr, "error: slide '{}': {}\n", failure.item, failure.message);
  return report.failures.empty() ? kOk : kSomeFailed;
}

}  // namespace mito::cli
