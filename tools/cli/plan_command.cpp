#include <algorithm>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/json_text.h"
#include "engine/slide/slide.h"
#include "engine/slide/slide_pair.h"
#include "engine/store/hdf5_store.h"
#include "engine/store/maintenance.h"
#include "tools/cli/ahead.h"
#include "tools/cli/commands.h"
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/sweep_look.h"

namespace mito::cli {
namespace {

constexpr std::uint64_t kWorthSaying = 64'000'000;  // bytes that take a moment to read

using Json = nlohmann::ordered_json;
using mito::graph::Action;
using mito::graph::Survey;

/// Upper bounds that need nothing but the header.
struct Estimate {
  std::int64_t tiles = 0;
  double memory_mib = 0;
  double disk_mib = 0;
};

Estimate estimate(const mito::graph::Graph& graph, const Slide& slide, int threads) {
  Estimate e;
  for (const auto& node : graph.nodes()) {
    if (!node.cost || node.cost_of != type_of<Slide>()) continue;
    const auto cost = node.cost(&slide);
    e.tiles += cost.parts;
    e.memory_mib += (2.0 * threads + 2) * cost.part_mib;
    if (node.store) e.disk_mib += cost.store_mib;
  }
  return e;
}

/// The slides an item of the expansion `type` holds: itself, or both of a pair.
std::vector<Slide> slides_of(const TypeDesc* type, const void* element) {
  if (element == nullptr) return {};
  if (type == type_of<Slide>()) return {*static_cast<const Slide*>(element)};
  if (type != type_of<SlidePair>()) return {};
  const auto& pair = *static_cast<const SlidePair*>(element);
  return {pair.he, pair.phh3};
}

/// What is known of a slide from its header.
struct Header {
  SlideInfo info;
  Estimate estimate;
};

Json to_json(const Header& header) {
  const auto& [info, e] = header;
  return {{"name", info.name},
          {"width", info.width},
          {"height", info.height},
          {"mpp", {info.mpp_x, info.mpp_y}},
          {"mpp_source", info.mpp_source},
          {"tiles_at_most", e.tiles},
          {"memory_mib", e.memory_mib},
          {"store_mib_at_most", e.disk_mib}};
}

void print(const Header& header) {
  const auto& [info, e] = header;
  fmt::print(
      "slide '{}': {} x {} px, {:.4f} um/px ({}); at most {} tiles, {:.0f} MiB of tiles in memory, "
      "{:.0f} MiB in the store\n",
      info.name, info.width, info.height, info.mpp_x, info.mpp_source, e.tiles, e.memory_mib,
      e.disk_mib);
}

struct Line {
  std::string node;
  std::string state;  // cached, runs, not needed
  std::string why;
};

Line line_of(const Survey::Node& node, const std::vector<store::Entry>& entries) {
  Line line{node.id, "", ""};
  if (node.action == Action::Load) return {node.id, "cached", ""};
  if (node.action == Action::Skip) return {node.id, "not needed", ""};
  line.state = "runs";
  if (node.stored) line.why = store::explain_difference(node.info, entries);
  return line;
}

std::vector<Line> lines_of(const std::vector<Survey::Node>& nodes,
                           const std::vector<store::Entry>& entries) {
  std::vector<Line> lines;
  lines.reserve(nodes.size());
  for (const auto& node : nodes) lines.push_back(line_of(node, entries));
  return lines;
}

void print(const std::vector<Line>& lines) {
  std::size_t width = 0;
  for (const auto& line : lines) width = std::max(width, line.node.size());
  for (const auto& line : lines) {
    fmt::print("  {:<{}}  {}{}\n", line.node, width, line.state,
               line.why.empty() ? "" : ": " + line.why);
  }
}

Json to_json(const std::vector<Line>& lines) {
  Json out = Json::array();
  for (const auto& line : lines)
    out.push_back({{"node", line.node}, {"state", line.state}, {"why", line.why}});
  return out;
}

using Headers = std::map<std::size_t, std::vector<Header>>;  // by place of the item

/// What a run would do, and what is known of the slides that can be opened.
std::pair<Survey, Headers> look(mito::graph::Graph& graph,
                                const mito::graph::RunOptions& options,
                                const std::string& progress_mode) {
  mito::graph::Progress progress;
  ProgressDisplay display(progress_mode, progress, *options.digests);
  const int threads = options.threads > 0 ? options.threads : 2;
  Headers headers;
  auto survey = graph.survey(
      options, [&](std::size_t item, const TypeDesc* type, const mito::graph::Data& element) {
        for (const auto& slide : slides_of(type, element.get()))
          headers[item].push_back({slide.info(), estimate(graph, slide, threads)});
      });
  display.finish();
  return {std::move(survey), std::move(headers)};
}

}  // namespace

int plan(const RunCommand& command, const std::atomic<bool>& stop) {
  if (is_sweep(command.pipeline.file)) return plan_sweep(command, stop);
  auto graph = load(command.pipeline, true);
  check_output_folder(run_options(command).out);
  warn_ahead(graph);
  refuse_seen_cases(graph);
  const auto root = store_root(command.store);
  auto options = run_options(command);
  store::Hdf5Store store(root);
  if (!command.no_store) options.store = &store;
  options.stop = &stop;
  const auto digests =
      file_digests(command.no_store ? std::filesystem::path() : root, command.verify_inputs);
  options.digests = digests.get();
  auto [survey, headers] = look(graph, options, command.progress);
  const auto entries =
      std::filesystem::exists(root) ? store::list(root) : std::vector<store::Entry>{};

  Json json{
      {"pipeline", command.pipeline.file}, {"store", root.string()}, {"out", options.out.string()}};
  if (!command.json) {
    fmt::print("{}: store {}, results to {}\n", command.pipeline.file, root.string(),
               options.out.string());
  }
  json["hashed"] = {{"files", digests->files_read()}, {"bytes", digests->bytes_read()}};
  if (!command.json && digests->bytes_read() >= kWorthSaying) {
    fmt::print("{} of new files were read to their ends; what they hold is {}\n",
               bytes_text(digests->bytes_read()),
               command.no_store ? "forgotten without a store" : "remembered");
  }
  const auto run_lines = lines_of(survey.run_nodes, entries);
  json["run"] = to_json(run_lines);
  if (!command.json && !run_lines.empty()) {
    fmt::print("once per run\n");
    print(run_lines);
  }
  if (!survey.unknown.empty() && !command.json) fmt::print("{}\n", survey.unknown);
  bool broken = false;
  json["slides"] = Json::array();
  for (std::size_t i = 0; i < survey.items.size(); ++i) {
    const auto& item = survey.items[i];
    Json j{{"slide", item.identity.name}};
    broken = broken || !item.problem.empty();
    const auto lines = lines_of(item.nodes, entries);
    if (!item.problem.empty()) {
      j["problem"] = item.problem;
      if (!command.json) fmt::print("slide '{}': error: {}\n", item.identity.name, item.problem);
    } else {
      for (const auto& header : headers[i]) {
        j["files"].push_back(to_json(header));
        if (!command.json) print(header);
      }
    }
    j["nodes"] = to_json(lines);
    if (!command.json && item.problem.empty()) print(lines);
    json["slides"].push_back(std::move(j));
  }
  if (command.json) fmt::print("{}", json_text(json));
  return broken ? kFailed : kOk;
}

}  // namespace mito::cli
