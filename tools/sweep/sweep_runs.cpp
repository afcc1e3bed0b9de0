#include "tools/sweep/sweep_runs.h"

#include <algorithm>
#include <map>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/digest.h"
#include "tools/sweep/keys.h"

namespace mito::sweep {
namespace {

using mito::graph::Override;

/// Problems of many pipelines, each said once.
class Problems {
 public:
  Problems(std::string sweep_file, std::size_t variants)
      : sweep_file_(std::move(sweep_file)), variants_(variants) {}

  void add(const Diagnostics& found, const std::string& variant) {
    for (const auto& line : found.lines()) {
      auto entry = std::ranges::find(entries_, line, &Entry::line);
      if (entry == entries_.end()) entry = entries_.insert(entries_.end(), {line, {}});
      entry->variants.insert(variant);
    }
  }

  /// Keeps what `check` throws as a ConfigError, to be said with all others.
  template <class Check>
  void of(const Check& check) {
    try {
      check();
    } catch (const ConfigError& error) {
      first_.emplace_back(error.what());
    }
  }
  bool empty() const { return entries_.empty() && first_.empty(); }

  void throw_if_any() const {
    if (empty()) return;
    std::vector<std::string> lines = first_;
    for (const auto& entry : entries_) {
      const bool named = entry.line.starts_with(sweep_file_) || entry.variants.size() == variants_;
      lines.push_back(
          named ? entry.line
                : fmt::format("{} (variant {})", entry.line, fmt::join(entry.variants, ", ")));
    }
    throw ConfigError(first_mistakes(lines));
  }

 private:
  struct Entry {
    std::string line;
    std::set<std::string> variants;
  };
  std::string sweep_file_;
  std::size_t variants_;
  std::vector<Entry> entries_;
  std::vector<std::string> first_;  ///< Of the sweep as a whole.
};

/// The step whose files a value names, "$STEP/..."; empty when it names none.
std::string_view step_of(std::string_view value) {
  const auto slash = value.find('/');
  if (!value.starts_with('$') || slash == std::string_view::npos) return {};
  return value.substr(1, slash - 1);
}

/// With the folder of a step where a path begins with its name. Without an output folder the name
/// stays.
config::Value in_folder(config::Value value, const std::filesystem::path& out) {
  for (auto& item : value.items) item = in_folder(std::move(item), out);
  const auto step = step_of(value.scalar);
  if (!step.empty() && !out.empty())
    value.scalar =
        (std::filesystem::absolute(out) / value.scalar.substr(1)).lexically_normal().string();
  return value;
}

/// Reports values that name files of a step that is not among the first `known` ones.
void refuse_unprepared(const SweepFile& sweep,
                       const std::vector<Setting>& settings,
                       std::size_t known,
                       Diagnostics& problems) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < known; ++i) names.push_back(sweep.prepare[i].name);
  const auto look = [&](const auto& self, const Setting& setting,
                        const config::Value& value) -> void {
    for (const auto& item : value.items) self(self, setting, item);
    const std::string step(step_of(value.scalar));
    if (step.empty() || std::ranges::find(names, step) != names.end()) return;
    const char* why = "the sweep, or the preset that was chosen, has no 'prepare'";
    const auto problem =
        sweep.prepare.empty() ? fmt::format("nothing is prepared: {}", why)
        : sweep.step(step) == nullptr
            ? fmt::format("'prepare' has no step of this name{}", hint(step, names))
            : fmt::format("step '{}' does not run before", step);
    problems.add(setting.pos,
                 fmt::format("'{}' takes files of ${}, but {}", setting.name, step, problem));
  };
  for (const auto& setting : settings) look(look, setting, setting.value);
}

/// Values of the sweep file as a pipeline takes them.
class Overrides {
 public:
  Overrides(const SweepFile& sweep, std::filesystem::path out)
      : folder_(sweep.file.parent_path()), out_(std::move(out)) {}

  void add(const std::vector<Setting>& settings) {
    for (const auto& setting : settings)
      add(setting.name, in_folder(setting.value, out_), setting.pos);
  }
  void add(const std::string& param, const SourcePos& pos, std::int64_t seed) {
    auto value = config::Value::text(std::to_string(seed), pos);
    value.given_by = "sweep";
    add(param, std::move(value), pos);
  }
  void add(const std::vector<Override>& overrides) {
    all_.insert(all_.end(), overrides.begin(), overrides.end());
  }
  const std::vector<Override>& all() const { return all_; }

 private:
  void add(const std::string& name, config::Value value, const SourcePos& pos) {
    all_.push_back({name, {}, std::move(value), pos, folder_});
  }

  std::filesystem::path folder_;
  std::filesystem::path out_;
  std::vector<Override> all_;
};

/// What the command line says of a step is called STEP/NAME: those of `step`, or with an empty name
/// those of the variants.
std::vector<Override> meant_for(const std::string& step, const std::vector<Override>& overrides) {
  std::vector<Override> out;
  for (const auto& one : overrides) {
    const auto slash = one.name.find('/');
    if (slash == std::string::npos ? step.empty() : one.name.substr(0, slash) == step) {
      out.push_back(one);
      if (slash != std::string::npos) out.back().name = one.name.substr(slash + 1);
    }
  }
  return out;
}

void refuse_unknown_steps(const SweepFile& sweep, const std::vector<Override>& overrides) {
  Diagnostics problems;
  std::vector<std::string> names;
  for (const auto& step : sweep.prepare) names.push_back(step.name);
  for (const auto& one : overrides) {
    const auto slash = one.name.find('/');
    if (slash == std::string::npos || sweep.step(one.name.substr(0, slash)) != nullptr) continue;
    problems.add({"--set " + one.name, 0, 0},
                 fmt::format("'prepare' has no step '{}'{}", one.name.substr(0, slash),
                             hint(one.name.substr(0, slash), names)));
  }
  problems.throw_if_any();
}

/// What the variants set is not the command line's to say.
void refuse_varied(const SweepFile& sweep, const std::vector<Override>& overrides) {
  Diagnostics problems;
  const auto refuse = [&](const std::string& name, const SourcePos& pos) {
    if (std::ranges::find(overrides, name, &Override::name) == overrides.end()) return;
    problems.add({"--set " + name, 0, 0},
                 fmt::format("the sweep varies it ({}); --set is for what all variants share",
                             to_string(pos)));
  };
  for (const auto& variant : sweep.variants)
    for (const auto& setting : variant.settings) refuse(setting.name, setting.pos);
  for (const auto& [name, pos] : sweep.seeds.params) refuse(name, pos);
  problems.throw_if_any();
}

/// A pipeline file as it is written. What the sweep file says of it is reported at its place there.
mito::graph::Pipeline check_base(const Base& base) {
  Diagnostics problems;
  if (!std::filesystem::is_regular_file(base.pipeline)) {
    problems.add(base.pos,
                 fmt::format("cannot read the pipeline file '{}'", base.pipeline.string()));
    problems.throw_if_any();
  }
  Diagnostics unread;  // what is wrong with the pipeline itself is said when it is built
  auto pipeline = mito::graph::load_pipeline(base.pipeline, {}, unread);
  if (base.preset.empty() || pipeline.nodes.empty() ||
      std::ranges::count(pipeline.presets, base.preset) > 0)
    return pipeline;
  problems.add(base.preset_pos, fmt::format("{} has no preset '{}'{}", base.pipeline.string(),
                                            base.preset, hint(base.preset, pipeline.presets)));
  problems.throw_if_any();
  return pipeline;
}

/// Has the pipeline the node of NODE.PARAM, or the input?
bool has(const mito::graph::Pipeline& pipeline, const std::string& name) {
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return pipeline.input(name) != nullptr;
  return std::ranges::count(pipeline.nodes, name.substr(0, dot), &mito::graph::NodeDecl::id) > 0;
}

/// Which of the names that are meant for all variants each pipeline takes.
class NamesOfPipelines {
 public:
  /// What is wrong with a file goes to `problems`.
  NamesOfPipelines(const SweepFile& sweep, Problems& problems) {
    for (const auto& variant : sweep.variants) {
      const Base& base = sweep.base_of(variant);
      const auto [known, is_new] = pipelines_.try_emplace(base.pipeline);
      if (!is_new) continue;
      unread_.insert(base.pipeline);
      problems.of([&, at = known] {
        at->second = check_base(base);
        unread_.erase(base.pipeline);
      });
    }
  }

  bool all_read() const { return unread_.empty(); }

  /// A name that no pipeline has is left in, for the message that it gets there.
  bool takes(const Base& base, const std::string& name) const {
    return has(pipelines_.at(base.pipeline), name) ||
           std::ranges::none_of(pipelines_, [&](const auto& p) { return has(p.second, name); });
  }

  /// Those of `all` that the pipeline takes.
  template <class Named>
  std::vector<Named> of(const Base& base, std::vector<Named> all) const {
    std::erase_if(all, [&](const Named& one) { return !takes(base, one.name); });
    return all;
  }

 private:
  std::map<std::filesystem::path, mito::graph::Pipeline> pipelines_;
  std::set<std::filesystem::path> unread_;
};

std::string text_of(const config::Value& value) {
  if (!value.is_list()) return value.scalar;
  std::vector<std::string> items;
  for (const auto& item : value.items) items.push_back(text_of(item));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

/// Graph::definition, and which inputs the sweep file names.
std::string definition_of(const SweepFile& sweep,
                          const Variant& variant,
                          const mito::graph::Graph& graph) {
  std::string text = graph.definition();
  for (const auto* settings : {&sweep.common, &variant.settings}) {
    for (const auto& setting : *settings) {
      if (setting.name.find('.') == std::string::npos)
        text += fmt::format("\n{}={}", setting.name, text_of(setting.value));
    }
  }
  return sha256(text);
}

}  // namespace

std::string Run::seed_text() const { return seed ? std::to_string(*seed) : std::string(); }

std::string Run::label() const {
  return seed ? fmt::format("{}, seed {}", variant, *seed) : variant;
}

std::vector<Run> make_runs(const SweepFile& sweep,
                           const std::vector<Override>& overrides,
                           const mito::graph::Registry& registry,
                           bool require_inputs,
                           const std::filesystem::path& out) {
  Problems problems(sweep.file.string(), sweep.variants.size());
  problems.of([&] { refuse_unknown_steps(sweep, overrides); });
  const auto for_variants = meant_for({}, overrides);
  problems.of([&] { refuse_varied(sweep, for_variants); });
  problems.of([&] {
    Diagnostics unprepared;
    refuse_unprepared(sweep, sweep.common, sweep.prepare.size(), unprepared);
    for (const auto& variant : sweep.variants)
      refuse_unprepared(sweep, variant.settings, sweep.prepare.size(), unprepared);
    unprepared.throw_if_any();
  });
  // Files of a step that is not there are not looked for: that is said already.
  require_inputs = require_inputs && problems.empty();
  const NamesOfPipelines names(sweep, problems);
  if (!names.all_read()) problems.throw_if_any();
  std::vector<Run> runs;
  std::vector<std::optional<std::int64_t>> seeds(sweep.seeds.values.begin(),
                                                 sweep.seeds.values.end());
  if (seeds.empty()) seeds.emplace_back();
  for (const auto& variant : sweep.variants) {
    const Base& base = sweep.base_of(variant);
    for (const auto& seed : seeds) {
      Overrides all(sweep, out);
      all.add(names.of(base, sweep.common));
      all.add(names.of(base, for_variants));
      all.add(variant.settings);
      if (seed) {
        for (const auto& [name, pos] : sweep.seeds.params)
          if (names.takes(base, name)) all.add(name, pos, *seed);
      }
      Diagnostics found;
      const auto pipeline =
          mito::graph::load_pipeline(base.pipeline, all.all(), found, base.preset);
      auto graph = mito::graph::Graph::build(pipeline, registry, found, require_inputs);
      problems.add(found, variant.name);
      std::filesystem::path folder = variant.name;
      if (seed) folder /= fmt::format("seed-{}", *seed);
      auto definition = definition_of(sweep, variant, graph);
      runs.push_back(
          {variant.name, seed, std::move(folder), std::move(graph), std::move(definition)});
    }
  }
  problems.throw_if_any();
  return runs;
}

Run make_step(const SweepFile& sweep,
              std::size_t number,
              const std::vector<Override>& overrides,
              const mito::graph::Registry& registry,
              bool require_inputs,
              const std::filesystem::path& out) {
  const auto& [name, base, settings] = sweep.prepare.at(number);
  Diagnostics found;
  refuse_unprepared(sweep, settings, number, found);
  found.throw_if_any();
  check_base(base);
  Overrides all(sweep, out);
  all.add(settings);
  all.add(meant_for(name, overrides));
  const auto pipeline = mito::graph::load_pipeline(base.pipeline, all.all(), found, base.preset);
  auto graph = mito::graph::Graph::build(pipeline, registry, found, require_inputs);
  found.throw_if_any();
  auto definition = graph.definition();
  return {name, std::nullopt, name, std::move(graph), std::move(definition)};
}

std::vector<std::string> varied(const SweepFile& sweep) {
  std::vector<std::string> names;
  for (const auto& variant : sweep.variants) {
    for (const auto& setting : variant.settings)
      if (std::ranges::find(names, setting.name) == names.end()) names.push_back(setting.name);
  }
  return names;
}

std::string value_in_effect(const mito::graph::Graph& graph, const std::string& name) {
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) {
    const auto* input = graph.pipeline().input(name);
    return input == nullptr || !input->value ? std::string() : text_of(*input->value);
  }
  for (const auto& node : graph.nodes()) {
    if (node.id != name.substr(0, dot)) continue;
    const auto row = std::ranges::find(node.params, name.substr(dot + 1), &config::ParamRow::name);
    if (row != node.params.end()) return row->value;
  }
  return {};
}

Shard parse_shard(const std::string& text) {
  if (const auto shard = shard_from(text)) return *shard;
  throw ConfigError(
      fmt::format("--shard {}: error: expected I/N with 1 <= I <= N, such as 2/3", text));
}

void keep_shard(std::vector<Run>& runs, const Shard& shard) {
  std::vector<Run> kept;
  for (std::size_t i = shard.index - 1; i < runs.size(); i += shard.count)
    kept.push_back(std::move(runs[i]));
  runs = std::move(kept);
}

}  // namespace mito::sweep
