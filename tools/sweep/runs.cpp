#include "tools/sweep/runs.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/digest.h"
#include "engine/core/text.h"

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

  void throw_if_any() const {
    if (entries_.empty()) return;
    std::vector<std::string> lines;
    for (const auto& entry : entries_) {
      const bool named = entry.line.starts_with(sweep_file_) || entry.variants.size() == variants_;
      lines.push_back(
          named ? entry.line
                : fmt::format("{} (variant {})", entry.line, fmt::join(entry.variants, ", ")));
    }
    throw ConfigError(fmt::format("{}", fmt::join(lines, "\n")));
  }

 private:
  struct Entry {
    std::string line;
    std::set<std::string> variants;
  };
  std::string sweep_file_;
  std::size_t variants_;
  std::vector<Entry> entries_;
};

Override to_override(const Setting& setting, const SweepFile& sweep) {
  return {setting.name, {}, setting.value, setting.pos, sweep.file.parent_path()};
}

Override to_override(const std::string& param,
                     const SourcePos& pos,
                     std::int64_t seed,
                     const SweepFile& sweep) {
  auto value = config::Value::text(std::to_string(seed), pos);
  value.given_by = "sweep";
  return {param, {}, std::move(value), pos, sweep.file.parent_path()};
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

/// What the sweep file says of the pipeline file is reported at its place there.
void check_base(const SweepFile& sweep) {
  Diagnostics problems;
  if (!std::filesystem::is_regular_file(sweep.pipeline)) {
    problems.add(sweep.pipeline_pos,
                 fmt::format("cannot read the pipeline file '{}'", sweep.pipeline.string()));
    problems.throw_if_any();
  }
  if (sweep.preset.empty()) return;
  Diagnostics unread;  // what is wrong with the pipeline itself is said when it is built
  const auto pipeline = mito::graph::load_pipeline(sweep.pipeline, {}, unread);
  if (pipeline.nodes.empty() || std::ranges::count(pipeline.presets, sweep.preset) > 0) return;
  std::string hint = did_you_mean(sweep.preset, pipeline.presets);
  if (hint.empty() && !pipeline.presets.empty())
    hint = fmt::format("; it has {}", fmt::join(pipeline.presets, ", "));
  problems.add(sweep.preset_pos,
               fmt::format("{} has no preset '{}'{}", sweep.pipeline.string(), sweep.preset, hint));
  problems.throw_if_any();
}

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
                           bool require_inputs) {
  refuse_varied(sweep, overrides);
  check_base(sweep);
  Problems problems(sweep.file.string(), sweep.variants.size());
  std::vector<Run> runs;
  std::vector<std::optional<std::int64_t>> seeds(sweep.seeds.values.begin(),
                                                 sweep.seeds.values.end());
  if (seeds.empty()) seeds.emplace_back();
  for (const auto& variant : sweep.variants) {
    for (const auto& seed : seeds) {
      std::vector<Override> all;
      for (const auto& setting : sweep.common) all.push_back(to_override(setting, sweep));
      all.insert(all.end(), overrides.begin(), overrides.end());
      for (const auto& setting : variant.settings) all.push_back(to_override(setting, sweep));
      if (seed) {
        for (const auto& [param, pos] : sweep.seeds.params)
          all.push_back(to_override(param, pos, *seed, sweep));
      }
      Diagnostics found;
      const auto pipeline = mito::graph::load_pipeline(sweep.pipeline, all, found, sweep.preset);
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
  Shard shard;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, shard.index);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '/') {
    const auto second = std::from_chars(first.ptr + 1, end, shard.count);
    if (second.ec == std::errc() && second.ptr == end && shard.index >= 1 &&
        shard.index <= shard.count)
      return shard;
  }
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
