#include "tools/cli/sweep_look.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/json_text.h"
#include "engine/store/hdf5_store.h"
#include "tools/cli/ahead.h"
#include "tools/cli/disk.h"
#include "tools/cli/output.h"
#include "tools/cli/shown_params.h"
#include "tools/sweep/results.h"
#include "tools/sweep/sweep_file.h"
#include "tools/sweep/sweep_runs.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using mito::graph::Action;
using sweep::Run;
using sweep::RunRecord;
using sweep::RunState;
using sweep::SweepFile;

/// The lines of several ConfigErrors, each once.
class Lines {
 public:
  void add(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      if (std::ranges::find(lines_, line) == lines_.end()) lines_.push_back(line);
  }
  /// Adds what `act` throws.
  template <class Act>
  void of(const Act& act) {
    try {
      act();
    } catch (const ConfigError& error) {
      add(error.what());
    }
  }
  void throw_if_any() const {
    if (!lines_.empty()) throw ConfigError(fmt::format("{}", fmt::join(lines_, "\n")));
  }

 private:
  std::vector<std::string> lines_;
};

/// A sweep with all its steps and runs; their input files need not be there.
struct Opened {
  SweepFile file;
  std::vector<Run> steps;
  std::vector<Run> runs;
};

/// Throws ConfigError with the problems of the file, its steps and its variants.
Opened open(const PipelineOptions& options, const fs::path& out) {
  Opened opened;
  Lines problems;
  Diagnostics found;
  opened.file = sweep::read_sweep(options.file, found, options.preset);
  problems.of([&] { found.throw_if_any(); });
  const auto overrides = overrides_of(options.set);
  const auto& file = opened.file;
  for (std::size_t i = 0; i < file.prepare.size(); ++i) {
    if (!file.prepare[i].base.pipeline.empty())
      problems.of([&] {
        opened.steps.push_back(sweep::make_step(file, i, overrides, registry(), false, out));
      });
  }
  // Without the pipeline nothing can be said of the variants.
  if (file.base.pipeline.has_filename())
    problems.of([&] { opened.runs = sweep::make_runs(file, overrides, registry(), false, out); });
  problems.throw_if_any();
  return opened;
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// A run of each variant: seeds differ in nothing but the parameters that take them.
std::vector<const Run*> first_runs(const std::vector<Run>& runs) {
  std::vector<const Run*> out;
  for (const auto& run : runs)
    if (out.empty() || out.back()->variant != run.variant) out.push_back(&run);
  return out;
}

struct Held {
  std::string value;
  std::string origin;
  bool operator==(const Held&) const = default;
  auto operator<=>(const Held&) const = default;
};

/// What the variants have for one parameter.
struct Varied {
  std::string name;
  std::map<std::string, Held> held;  ///< By variant; those without the node have none.
};

/// The parameters of all variants, in the order of their pipelines.
std::vector<Varied> parameters_of(const std::vector<const Run*>& runs) {
  std::vector<Varied> out;
  std::map<std::string, std::size_t> place;
  const auto hold = [&](const std::string& name, const std::string& variant, Held held) {
    const auto [found, is_new] = place.try_emplace(name, out.size());
    if (is_new) out.push_back({name, {}});
    out[found->second].held.emplace(variant, std::move(held));
  };
  for (const auto* run : runs) {
    for (const auto& input : run->graph.pipeline().inputs)
      if (input.value)
        hold("$" + input.name, run->variant,
             {sweep::value_in_effect(run->graph, input.name), "input"});
    for (const auto& node : run->graph.nodes())
      for (const auto& param : shown_params(node))
        hold(node.id + "." + param.name, run->variant, {param.in_effect, param.origin});
  }
  return out;
}

/// Do variants that have the parameter disagree about it?
bool differs(const Varied& varied) {
  return std::ranges::any_of(varied.held, [&](const auto& held) {
    return held.second.value != varied.held.begin()->second.value;
  });
}

/// Nodes that some variants lack, with those that have them.
std::vector<std::pair<std::string, std::vector<std::string>>> nodes_of_some(
    const std::vector<const Run*>& runs) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  for (const auto* run : runs) {
    for (const auto& node : run->graph.nodes()) {
      const auto name = fmt::format("{} ({})", node.id, node.type->info.type);
      auto found = std::ranges::find(out, name, &decltype(out)::value_type::first);
      if (found == out.end()) found = out.insert(found, {name, {}});
      found->second.push_back(run->variant);
    }
  }
  std::erase_if(out, [&](const auto& node) { return node.second.size() == runs.size(); });
  return out;
}

/// The values of a parameter, each with the variants that have it, in the order of the sweep.
void print(const Varied& varied, const std::vector<const Run*>& runs) {
  std::vector<std::pair<Held, std::vector<std::string>>> groups;
  for (const auto* run : runs) {
    const auto held = varied.held.find(run->variant);
    if (held == varied.held.end()) continue;
    auto found = std::ranges::find(groups, held->second, &decltype(groups)::value_type::first);
    if (found == groups.end()) found = groups.insert(found, {held->second, {}});
    found->second.push_back(run->variant);
  }
  std::size_t value_width = 0;
  std::size_t origin_width = 0;
  for (const auto& [held, variants] : groups) {
    value_width = std::max(value_width, held.value.size());
    origin_width = std::max(origin_width, held.origin.size());
  }
  fmt::print("{}\n", varied.name);
  for (const auto& [held, variants] : groups)
    fmt::print("  {:<{}}  {:<{}}  {}\n", held.value, value_width, held.origin, origin_width,
               fmt::join(variants, ", "));
}

/// Nodes that the same variants have, together.
void print_nodes_of_some(const std::vector<const Run*>& runs) {
  std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> groups;
  for (const auto& [node, variants] : nodes_of_some(runs)) {
    auto found = std::ranges::find(groups, variants, &decltype(groups)::value_type::first);
    if (found == groups.end()) found = groups.insert(found, {variants, {}});
    found->second.push_back(node);
  }
  for (const auto& [variants, nodes] : groups)
    fmt::print("only in {}\n  {}\n", fmt::join(variants, ", "), fmt::join(nodes, ", "));
}

/// How many of the nodes of a run would do what, if it ran now.
struct Work {
  std::size_t runs = 0;
  std::size_t cached = 0;
  std::size_t not_needed = 0;
  std::string unknown;  ///< Why items could not be looked at, or what is wrong with one.
  DiskNeed disk = {};

  void add(Action action) {
    ++(action == Action::Run ? runs : action == Action::Load ? cached : not_needed);
  }
};

Work work_of(Run& run, mito::graph::RunOptions options, const fs::path& out) {
  options.out = out / run.folder;
  Work work;
  DiskEstimate disk(run.graph);
  const auto survey = run.graph.survey(
      options, [&](std::size_t, const mito::graph::Survey::Item& item, const TypeDesc* type,
                   const mito::graph::Data& element) { disk.look(item, type, element); });
  work.disk = disk.need(survey, options);
  for (const auto& node : survey.run_nodes) work.add(node.action);
  for (const auto& item : survey.items) {
    for (const auto& node : item.nodes) work.add(node.action);
    if (!item.problem.empty()) work.unknown = item.problem;
  }
  if (!survey.unknown.empty()) work.unknown = survey.unknown;
  return work;
}

/// A step or run and what is known of it.
struct Planned {
  std::string label;
  RunState state;
  std::optional<Work> work;  ///< Empty when it is done, or cannot be known yet.
  std::string waits_for;     ///< A step that is not done.
};

std::string text_of(const Planned& planned) {
  std::string text = sweep::name_of(planned.state.kind);
  if (!planned.state.problem.empty()) text += ": " + planned.state.problem;
  if (!planned.waits_for.empty()) return fmt::format("{}, after '{}'", text, planned.waits_for);
  if (!planned.work) return text;
  const auto& work = *planned.work;
  const auto room = text_of(work.disk);
  return fmt::format("{}: {} run, {} cached, {} not needed{}{}", text,
                     counted(work.runs, "node", "nodes"), work.cached, work.not_needed,
                     work.unknown.empty() ? "" : "; " + work.unknown,
                     room.empty() ? "" : "; on disk " + room);
}

Json json_of(const Planned& planned) {
  Json out{{"run", planned.label},
           {"state", sweep::name_of(planned.state.kind)},
           {"problem", planned.state.problem}};
  if (!planned.waits_for.empty()) out["after"] = planned.waits_for;
  if (planned.work)
    out["nodes"] = {{"run", planned.work->runs},
                    {"cached", planned.work->cached},
                    {"not_needed", planned.work->not_needed},
                    {"unknown", planned.work->unknown}};
  if (planned.work) out["disk"] = to_json(planned.work->disk);
  return out;
}

Planned planned(Run& run, const mito::graph::RunOptions& options, const fs::path& out) {
  Planned planned{run.label(), {}, std::nullopt, {}};
  planned.state =
      sweep::state_of(out / run.folder, &RunRecord::identity, run.graph.identity(*options.digests));
  if (planned.state.kind != RunState::Kind::Done) planned.work = work_of(run, options, out);
  return planned;
}

/// Steps, then runs. What comes after a step that is not done is not looked at: its inputs are
/// missing.
std::vector<Planned> plan_all(const PipelineOptions& options,
                              const mito::graph::RunOptions& run_options,
                              const fs::path& out) {
  const auto overrides = overrides_of(options.set);
  auto opened = open(options, out);
  std::vector<Planned> all;
  std::string waits_for;
  for (std::size_t i = 0; i < opened.steps.size(); ++i) {
    const auto name = opened.steps[i].label();
    if (waits_for.empty()) {
      auto step = sweep::make_step(opened.file, i, overrides, registry(), true, out);
      all.push_back(planned(step, run_options, out));
      if (all.back().state.kind != RunState::Kind::Done) waits_for = name;
    } else {
      all.push_back({name, {}, std::nullopt, waits_for});
    }
  }
  if (waits_for.empty())
    opened.runs = sweep::make_runs(opened.file, overrides, registry(), true, out);
  for (auto& run : opened.runs) {
    if (waits_for.empty()) refuse_seen_cases(run.graph);
    all.push_back(waits_for.empty() ? planned(run, run_options, out)
                                    : Planned{run.label(), {}, std::nullopt, waits_for});
  }
  return all;
}

}  // namespace

bool is_sweep(const std::string& file) { return sweep::is_sweep(file); }

int validate_sweep(const PipelineOptions& options) {
  const auto opened = open(options, out_folder(options.file, {}));
  if (opened.steps.empty())
    for (const auto& run : opened.runs) refuse_seen_cases(run.graph);
  std::set<std::string> missing;
  for (const auto* runs : {&opened.steps, &opened.runs}) {
    for (const auto& run : *runs) {
      for (const auto& input : run.graph.pipeline().inputs) {
        if (input.value || input.optional) continue;
        missing.insert(fmt::format("\n  needs --set {}{}=... ({}) {}",
                                   runs == &opened.steps ? run.variant + "/" : "", input.name,
                                   input.type, input.help));
      }
    }
  }
  std::string text;
  for (const auto& line : missing) text += line;
  if (!opened.file.presets.empty() && options.preset.empty())
    text += fmt::format("\n  has presets {} (--preset NAME)", fmt::join(opened.file.presets, ", "));
  const auto variants = opened.file.variants.size();
  const auto seeds = opened.file.seeds.values.size();
  fmt::print("{}: ok, {} of {}{}{}{}\n", options.file, counted(opened.runs.size(), "run", "runs"),
             counted(variants, "variant", "variants"),
             seeds == 0 ? "" : fmt::format(" with {}", counted(seeds, "seed", "seeds")),
             opened.steps.empty()
                 ? ""
                 : fmt::format(", after {}", counted(opened.steps.size(), "step", "steps")),
             text);
  return kOk;
}

int params_sweep(const PipelineOptions& options, bool json) {
  const auto opened = open(options, out_folder(options.file, {}));
  const auto runs = first_runs(opened.runs);
  auto all = parameters_of(runs);
  std::erase_if(all, [](const Varied& varied) { return !differs(varied); });
  if (json) {
    Json list = Json::array();
    for (const auto& varied : all) {
      Json values = Json::array();
      for (const auto* run : runs)
        if (const auto held = varied.held.find(run->variant); held != varied.held.end())
          values.push_back({{"variant", run->variant},
                            {"value", held->second.value},
                            {"origin", held->second.origin}});
      list.push_back({{"parameter", varied.name}, {"values", std::move(values)}});
    }
    fmt::print("{}", json_text(list));
    return kOk;
  }
  fmt::print("{}: {}, which differ in {}\n", options.file,
             counted(runs.size(), "variant", "variants"),
             counted(all.size(), "parameter", "parameters"));
  for (const auto& varied : all) print(varied, runs);
  print_nodes_of_some(runs);
  return kOk;
}

int plan_sweep(const RunCommand& command, const std::atomic<bool>& stop) {
  const auto out = out_folder(command.pipeline.file, command.out);
  check_output_folder(out);
  const auto root = store_root(command.store);
  store::Hdf5Store store(root);
  const auto digests = file_digests(command.no_store ? fs::path() : root, command.verify_inputs);
  mito::graph::RunOptions options;
  options.threads = command.jobs;
  options.device = command.device;
  if (!command.no_store) options.store = &store;
  options.stop = &stop;
  options.digests = digests.get();
  const auto all = plan_all(command.pipeline, options, out);
  bool broken = false;
  std::size_t width = 0;
  Json list = Json::array();
  for (const auto& one : all) {
    width = std::max(width, one.label.size());
    broken = broken || (one.work && !one.work->unknown.empty());
    list.push_back(json_of(one));
  }
  if (command.json) {
    fmt::print("{}", json_text(Json{{"sweep", command.pipeline.file},
                                    {"store", root.string()},
                                    {"out", out.string()},
                                    {"runs", std::move(list)}}));
    return broken ? kFailed : kOk;
  }
  fmt::print("{}: store {}, results to {}; each as if it were the next\n", command.pipeline.file,
             root.string(), out.string());
  for (const auto& one : all) fmt::print("  {:<{}}  {}\n", one.label, width, text_of(one));
  return broken ? kFailed : kOk;
}

}  // namespace mito::cli
