#include <algorithm>
#include <map>
#include <numeric>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/json_text.h"
#include "engine/slide/slide.h"
#include "engine/store/hdf5_store.h"
#include "engine/store/maintenance.h"
#include "tools/cli/ahead.h"
#include "tools/cli/commands.h"
#include "tools/cli/disk.h"
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/plan_summary.h"
#include "tools/cli/progress.h"
#include "tools/cli/slides_of.h"
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

Estimate estimate(const std::vector<mito::graph::NodeView>& nodes,
                  const Slide& slide,
                  int threads) {
  Estimate e;
  for (const auto& node : nodes) {
    if (!node.cost || node.cost_of != type_of<Slide>()) continue;
    const auto cost = node.cost(&slide);
    e.tiles += cost.parts;
    e.memory_mib += (2.0 * threads + 2) * cost.part_mib;
    if (node.store) e.disk_mib += cost.store_mib;
  }
  return e;
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

/// What a run would do, what is known of the slides that can be opened, and the room it needs.
struct Looked {
  Survey survey;
  Headers headers;
  DiskNeed need;
};

Looked look(mito::graph::Graph& graph,
            const mito::graph::RunOptions& options,
            const std::string& progress_mode) {
  mito::graph::Progress progress;
  ProgressDisplay display(progress_mode, progress, *options.digests);
  const int threads = options.threads > 0 ? options.threads : 2;
  const auto nodes = graph.nodes();
  DiskEstimate disk(graph);
  Looked out;
  out.survey = graph.survey(options, [&](std::size_t place, const Survey::Item& item,
                                         const TypeDesc* type, const mito::graph::Data& element) {
    for (const auto& slide : slides_of(type, element.get()))
      out.headers[place].push_back({slide.info(), estimate(nodes, slide, threads)});
    disk.look(item, type, element);
  });
  out.need = disk.need(out.survey, options);
  display.finish();
  return out;
}

/// Items of which the same is to be said, in the order of the first of each.
std::vector<std::vector<std::size_t>> alike(const std::vector<std::vector<Line>>& lines,
                                            const Survey& survey) {
  std::vector<std::vector<std::size_t>> groups;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string text = survey.items[i].problem;
    for (const auto& line : lines[i])
      text += fmt::format("\n{} {} {}", line.node, line.state, line.why);
    const auto [found, is_new] = known.emplace(text, groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(i);
  }
  return groups;
}

constexpr std::size_t kFew = 3;  // slides of which each is listed unasked

/// What is to be done for each of some items.
void print_each(const std::vector<std::size_t>& group,
                const std::vector<std::vector<Line>>& lines,
                const Looked& looked) {
  const auto& items = looked.survey.items;
  for (const auto i : group) {
    if (!items[i].problem.empty()) {
      fmt::print("slide '{}': error: {}\n", items[i].identity.name, items[i].problem);
      continue;
    }
    if (const auto found = looked.headers.find(i); found != looked.headers.end())
      for (const auto& header : found->second) print(header);
    print(lines[i]);
  }
}

/// What is to be done for some items that are alike: of many slides the first is named.
void print(const std::vector<std::size_t>& group,
           const std::vector<std::vector<Line>>& lines,
           const Looked& looked) {
  if (group.size() <= kFew) return print_each(group, lines, looked);
  const auto& items = looked.survey.items;
  const auto& first = items[group.front()];
  fmt::print("{} slides, '{}' to '{}'{}\n", group.size(), first.identity.name,
             items[group.back()].identity.name,
             first.problem.empty() ? "" : ": error: " + first.problem);
  if (first.problem.empty()) print(lines[group.front()]);
}

/// Of many slides their numbers, and what is to be done for those for which something is.
void print(const PlanSummary& summary,
           const std::vector<std::vector<Line>>& lines,
           const Looked& looked) {
  fmt::print("{}\n", text_of(summary));
  for (const auto& group : alike(lines, looked.survey))
    if (const auto what = summary.items[group.front()];
        what == PlanSummary::What::Compute || what == PlanSummary::What::Unreadable)
      print(group, lines, looked);
}

void print(const DiskNeed& need, const std::filesystem::path& root) {
  if (const auto text = text_of(need); !text.empty())
    fmt::print("on disk: {}; {} free\n", text,
               bytes_text(static_cast<std::uint64_t>(free_mib(root) * (1 << 20))));
  if (!need.unknown.empty())
    fmt::print("on disk: not known ahead for {}\n", fmt::join(need.unknown, ", "));
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
  const auto looked = look(graph, options, command.progress);
  const auto& survey = looked.survey;
  // What is there explains what has to be made.
  const auto runs = [](const Survey::Node& node) { return node.action == Action::Run; };
  const bool is_idle = std::ranges::none_of(survey.run_nodes, runs) &&
                       std::ranges::none_of(survey.items, [&](const Survey::Item& item) {
                         return std::ranges::any_of(item.nodes, runs);
                       });
  const auto entries = is_idle ? std::vector<store::Entry>{} : store::list(root);

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
  std::vector<std::vector<Line>> lines;
  for (std::size_t i = 0; i < survey.items.size(); ++i) {
    const auto& item = survey.items[i];
    lines.push_back(lines_of(item.nodes, entries));
    Json j{{"slide", item.identity.name}};
    broken = broken || !item.problem.empty();
    if (!item.problem.empty()) j["problem"] = item.problem;
    if (const auto found = looked.headers.find(i); found != looked.headers.end())
      for (const auto& header : found->second) j["files"].push_back(to_json(header));
    j["nodes"] = to_json(lines.back());
    json["slides"].push_back(std::move(j));
  }
  const auto summary = summarise(graph, survey, *digests, options.out);
  json["summary"] = to_json(summary);
  json["disk"] = to_json(looked.need);
  json["disk"]["store_free_mib"] = free_mib(root);
  json["disk"]["out_free_mib"] = free_mib(options.out);
  if (!command.json) {
    if (survey.items.size() > kFew && !command.slides) {
      print(summary, lines, looked);
    } else {
      std::vector<std::size_t> all(survey.items.size());
      std::iota(all.begin(), all.end(), std::size_t{0});
      print_each(all, lines, looked);
    }
    print(looked.need, root);
  }
  if (command.json) fmt::print("{}", json_text(json));
  return broken ? kFailed : kOk;
}

}  // namespace mito::cli
