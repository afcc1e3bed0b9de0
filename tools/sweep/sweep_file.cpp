#include "tools/sweep/sweep_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/config/find_file.h"
#include "engine/config/param_io.h"
#include "engine/core/text.h"
#include "tools/sweep/keys.h"
#include "tools/sweep/sweep_keys.h"

namespace mito::sweep {
namespace {

namespace fs = std::filesystem;
using config::Value;

constexpr std::size_t kMaxVariants = 10000;
constexpr std::int64_t kMaxSeed = 4294967295;  // what the nodes' `seed` parameters take

/// May it be the name of a folder, and a word in a table?
bool is_variant_name(const std::string& text) {
  return !text.empty() && is_letter_or_digit(text[0]) && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || std::string_view("_-.+=").find(c) != std::string_view::npos;
  });
}

/// What else lies in the output folder.
bool is_taken(const std::string& name) {
  return name == "store" || name.starts_with("sweep.") || name.ends_with(".part");
}

/// Columns that every table has.
constexpr std::array<std::string_view, 4> kColumns{"variant", "seed", "state", "seconds"};

/// Parameters and model files have a dot in their names, so no two columns are called the same.
bool is_metric_name(const std::string& text) {
  return is_word(text) && std::ranges::find(kColumns, text) == kColumns.end();
}

/// A value as it stands in the name of a point of the grid.
std::string name_of(const Value& value) {
  if (value.is_null()) return "null";
  std::string text = value.scalar;
  if (value.is_list()) {
    std::vector<std::string> items;
    for (const auto& item : value.items) items.push_back(name_of(item));
    text = fmt::format("{}", fmt::join(items, "_"));
  }
  std::ranges::replace_if(
      text, [](char c) { return !is_letter_or_digit(c) && c != '.' && c != '-'; }, '_');
  return text.empty() ? "empty" : text;
}

class Reader {
 public:
  explicit Reader(Diagnostics& out) : out_(out) {}

  void read(const Value& written, const std::string& file, const std::string& preset) {
    sweep_.file = file;
    if (!written.is_map()) {
      out_.add({file, 1, 1}, "a sweep is a map with 'base' and 'variants' or 'grid'");
      return;
    }
    config::check_keys(written, kSweepKeys, "sweep", out_);
    const Value root = with_preset(written, preset);
    if (const auto* title = root.find("title"); title != nullptr) sweep_.title = title->scalar;
    sweep_.base =
        base(root, {file, 1, 1}, "'base' must name the pipeline file that the variants run");
    prepare(root);
    if (const auto* set = map_of(root, "set"); set != nullptr) sweep_.common = settings(*set);
    seeds(root);
    variants(root);
    grid(root);
    if (sweep_.variants.empty() && root.find("variants") == nullptr && root.find("grid") == nullptr)
      out_.add({file, 1, 1}, "nothing to vary: name 'variants', a 'grid', or both");
    metrics(root);
    report(root);
  }

  SweepFile take() { return std::move(sweep_); }

 private:
  /// The map under `key`; null when it is absent or empty, or after a message.
  const Value* map_of(const Value& root, const std::string& key) {
    const auto* entry = root.entry(key);
    if (entry == nullptr) return nullptr;
    if (entry->value.is_map() && !entry->value.entries.empty()) return &entry->value;
    if (key == "set" && (entry->value.is_null() || entry->value.is_map())) return nullptr;
    out_.add(entry->value.is_null() ? entry->pos : entry->value.pos,
             fmt::format("'{}' must be a map with at least one entry, got {}", key,
                         entry->value.is_map() ? "none" : entry->value.kind_name()));
    return nullptr;
  }

  /// `root` with what the preset says instead.
  Value with_preset(const Value& root, const std::string& name) {
    const Value none;
    const auto* presets = map_of(root, "presets");
    if (presets == nullptr) presets = &none;
    for (const auto& preset : presets->entries) check_preset(preset);
    sweep_.presets = presets->keys();
    if (name.empty()) return root;
    const auto* chosen = presets->find(name);
    if (chosen == nullptr) {
      out_.add({"--preset " + name, 0, 0},
               fmt::format("{} has no preset '{}'{}", sweep_.file.string(), name,
                           hint(name, presets->keys())));
      return root;
    }
    Value out = root;
    for (const auto& entry : chosen->entries) {
      if (entry.key == "set" && entry.value.is_map()) {
        merge(entry_at(out, {"set", entry.pos, {}}).value, entry.value);
      } else if (entry.key == "variants" && entry.value.is_map()) {
        add_to_variants(out, entry.value, name);
      } else if (entry.key == "prepare" && names_steps(entry.value) && adds_to_steps(out)) {
        add_to_steps(entry_at(out, entry).value, entry.value);
      } else if (entry.key != "set" && entry.key != "variants") {
        entry_at(out, entry) = entry;
      }
    }
    return out;
  }

  /// Values of variants that are in the file.
  void add_to_variants(Value& root, const Value& more, const std::string& preset) {
    const Value none;
    const Value* there = root.find("variants");
    if (there == nullptr) there = &none;
    const auto names = there->keys();
    for (const auto& variant : more.entries) {
      if (std::ranges::find(names, variant.key) == names.end()) {
        out_.add(variant.pos, fmt::format("preset '{}': there is no variant '{}'{}", preset,
                                          variant.key, did_you_mean(variant.key, names)));
      } else {
        merge(entry_at(entry_at(root, {"variants", {}, {}}).value, variant).value, variant.value);
      }
    }
  }

  /// Is it a map of steps, and not one step?
  static bool names_steps(const Value& prepare) {
    return prepare.is_map() && std::ranges::none_of(kStepKeys, [&](const config::Key& key) {
             return prepare.find(key.name) != nullptr;
           });
  }

  static bool adds_to_steps(const Value& root) {
    const auto* there = root.find("prepare");
    return there != nullptr && names_steps(*there);
  }

  /// What a preset says of steps; one that is not there yet comes after those that are.
  static void add_to_steps(Value& steps, const Value& more) {
    for (const auto& step : more.entries) {
      Value& there = entry_at(steps, step).value;
      for (const auto& entry : step.value.entries) {
        Value& value = entry_at(there, entry).value;
        if (entry.key == "set" && value.is_map()) {
          merge(value, entry.value);
        } else {
          value = entry.value;
        }
      }
    }
  }

  void check_preset(const Value::Entry& preset) {
    if (!preset.value.is_map() && !preset.value.is_null())
      out_.add(preset.value.pos,
               fmt::format("preset '{}': must be a map of keys of a sweep, got {}", preset.key,
                           preset.value.kind_name()));
    const auto owner = fmt::format("preset '{}'", preset.key);
    config::check_keys(preset.value, kPresetKeys, owner, out_);
    for (const char* key : {"set", "variants"}) {
      const auto* found = preset.value.find(key);
      if (found != nullptr && !found->is_map() && !found->is_null())
        out_.add(found->pos,
                 fmt::format("{}: '{}' must be a map, got {}", owner, key, found->kind_name()));
    }
  }

  /// The entry of `map` with the key of `wanted`, which is added when there is none.
  static Value::Entry& entry_at(Value& map, const Value::Entry& wanted) {
    if (map.is_null()) map.kind = Value::Kind::Map;
    const auto found = std::ranges::find(map.entries, wanted.key, &Value::Entry::key);
    return found != map.entries.end() ? *found : map.entries.emplace_back(wanted);
  }

  /// Entries of `more` win.
  static void merge(Value& map, const Value& more) {
    for (const auto& entry : more.entries) entry_at(map, entry) = entry;
  }

  /// The keys `base` and `preset` of `map`; `pos` and `missing` say what to report without them.
  Base base(const Value& map, const SourcePos& pos, const std::string& missing) {
    Base out;
    const auto* named = map.find("base");
    if (named == nullptr || !named->is_scalar() || named->scalar.empty()) {
      out_.add(named == nullptr ? pos : named->pos, missing);
    } else {
      out.pipeline = pipeline_of(*named);
      out.pos = named->pos;
    }
    const auto* preset = map.find("preset");
    if (preset == nullptr || preset->is_null()) return out;
    if (!preset->is_scalar())
      out_.add(preset->pos, fmt::format("'preset' must be a name, got {}", preset->kind_name()));
    out.preset = preset->scalar;
    out.preset_pos = preset->pos;
    return out;
  }

  static fs::path pipeline_of(const Value& named) {
    return config::find_named_in(named).lexically_normal();
  }

  /// One step without a name of its own, or a map of names.
  void prepare(const Value& root) {
    const auto* prepare = map_of(root, "prepare");
    if (prepare == nullptr) return;
    if (!names_steps(*prepare)) return step(kPrepared, *prepare, "prepare");
    for (const auto& entry : prepare->entries) {
      check_folder(entry, "step", is_word(entry.key));
      if (entry.value.is_map()) {
        step(entry.key, entry.value, fmt::format("step '{}'", entry.key));
      } else {
        out_.add(entry.value.pos, fmt::format("step '{}': must be a map with 'base', got {}",
                                              entry.key, entry.value.kind_name()));
      }
    }
  }

  /// `entry` is named as its folder in the output folder will be.
  void check_folder(const Value::Entry& entry, std::string_view owner, bool is_name) {
    if (!is_name) {
      out_.add(entry.pos,
               fmt::format("{} '{}': a name has letters, digits and any of _-{} only, and begins "
                           "with a letter or digit; it becomes a folder",
                           owner, entry.key, owner == "variant" ? ".+=" : ""));
    }
    const bool taken =
        is_taken(entry.key) ||
        (owner == "variant" && (entry.key == kPrepared || sweep_.step(entry.key) != nullptr));
    if (taken) {
      out_.add(entry.pos, fmt::format("{} '{}': the output folder has something else of this "
                                      "name; choose another one",
                                      owner, entry.key));
    }
  }

  void step(const std::string& name, const Value& map, const std::string& owner) {
    config::check_keys(map, kStepKeys, owner, out_);
    Step out{name,
             base(map, map.pos, owner + ": 'base' must name the pipeline file that runs first"),
             {}};
    if (const auto* set = map_of(map, "set"); set != nullptr) out.settings = settings(*set);
    sweep_.prepare.push_back(std::move(out));
  }

  static std::vector<Setting> settings(const Value& map) {
    std::vector<Setting> out;
    for (const auto& entry : map.entries) out.push_back({entry.key, entry.pos, entry.value});
    for (auto& setting : out) setting.value.given_by = "sweep";
    return out;
  }

  void seeds(const Value& root) {
    const auto* seeds = map_of(root, "seeds");
    if (seeds == nullptr) return;
    config::check_keys(*seeds, kSeedsKeys, "seeds", out_);
    const auto* values =
        list_of(*seeds, "values", "seeds: 'values' must be a list of whole numbers");
    const auto* set =
        list_of(*seeds, "set", "seeds: 'set' must be a list of the parameters that a seed sets");
    if (values != nullptr) {
      for (const auto& item : values->items) add_seed(item);
    }
    if (set == nullptr) return;
    for (const auto& item : set->items) {
      if (!item.is_scalar()) {
        out_.add(item.pos, fmt::format("seeds: expected NODE.PARAM, got {}", item.kind_name()));
      } else if (std::ranges::find(sweep_.seeds.params, item.scalar, [](const auto& p) {
                   return p.first;
                 }) != sweep_.seeds.params.end()) {
        out_.add(item.pos, fmt::format("seeds: '{}' is named twice", item.scalar));
      } else {
        sweep_.seeds.params.emplace_back(item.scalar, item.pos);
      }
    }
  }

  const Value* list_of(const Value& map, const std::string& key, const std::string& wanted) {
    const auto* found = map.find(key);
    if (found != nullptr && found->is_list() && !found->items.empty()) return found;
    out_.add(found == nullptr ? map.pos : found->pos,
             fmt::format("{}, got {}", wanted,
                         found == nullptr   ? "nothing"
                         : found->is_list() ? "an empty list"
                                            : found->kind_name()));
    return nullptr;
  }

  void add_seed(const Value& item) {
    const auto seed = config::convert<std::int64_t>(item);
    if (!seed || *seed < 0 || *seed > kMaxSeed) {
      out_.add(item.pos, fmt::format("seeds: a seed is a whole number from 0 to {}, got {}",
                                     kMaxSeed, item.kind_name()));
    } else if (std::ranges::find(sweep_.seeds.values, *seed) != sweep_.seeds.values.end()) {
      out_.add(item.pos, fmt::format("seeds: {} is given twice", *seed));
    } else {
      sweep_.seeds.values.push_back(*seed);
    }
  }

  void variants(const Value& root) {
    const auto* variants = map_of(root, "variants");
    if (variants == nullptr) return;
    for (const auto& entry : variants->entries) {
      check_folder(entry, "variant", is_variant_name(entry.key));
      if (!entry.value.is_map() && !entry.value.is_null()) {
        out_.add(
            entry.value.pos,
            fmt::format("variant '{}': must be a map of NODE.PARAM or INPUT to a value, got {}",
                        entry.key, entry.value.kind_name()));
        continue;
      }
      add(named_variant(entry));
    }
  }

  /// Its key `base` is another pipeline file, all others are values.
  Variant named_variant(const Value::Entry& entry) {
    Variant variant{entry.key, entry.pos, settings(entry.value), std::nullopt};
    const auto named = std::ranges::find(variant.settings, "base", &Setting::name);
    if (named == variant.settings.end()) return variant;
    if (named->value.is_scalar() && !named->value.scalar.empty()) {
      variant.base = sweep_.base;
      variant.base->pipeline = pipeline_of(named->value);
      variant.base->pos = named->value.pos;
    } else {
      out_.add(named->value.pos,
               fmt::format("variant '{}': 'base' must name the pipeline file that it runs, got {}",
                           entry.key, named->value.kind_name()));
    }
    variant.settings.erase(named);
    return variant;
  }

  void add(Variant variant) {
    for (const auto& setting : variant.settings) {
      const auto seeded = std::ranges::find(sweep_.seeds.params, setting.name,
                                            [](const auto& p) { return p.first; });
      if (seeded != sweep_.seeds.params.end()) {
        out_.add(setting.pos, fmt::format("variant '{}': '{}' is set by the seeds (line {})",
                                          variant.name, setting.name, seeded->second.line));
      }
    }
    const auto earlier = std::ranges::find(sweep_.variants, variant.name, &Variant::name);
    if (earlier != sweep_.variants.end()) {
      out_.add(variant.pos, fmt::format("two variants are called '{}'; the first is at line {}",
                                        variant.name, earlier->pos.line));
      return;
    }
    sweep_.variants.push_back(std::move(variant));
  }

  void grid(const Value& root) {
    const auto* grid = map_of(root, "grid");
    if (grid == nullptr) return;
    std::vector<std::pair<const Value::Entry*, std::string>> axes;
    std::size_t points = 1;
    const auto short_name = short_names(*grid);
    for (const auto& entry : grid->entries) {
      if (!entry.value.is_list() || entry.value.items.empty()) {
        out_.add(entry.value.pos,
                 fmt::format("grid: '{}' must be a list of the values to take, got {}", entry.key,
                             entry.value.is_list() ? "an empty list" : entry.value.kind_name()));
        continue;
      }
      axes.emplace_back(&entry, short_name.at(entry.key));
      points *= entry.value.items.size();
      if (points > kMaxVariants) {
        out_.add(entry.pos, fmt::format("grid: more than {} combinations", kMaxVariants));
        return;
      }
    }
    if (axes.empty()) return;
    for (const auto& [entry, name] : axes) {
      GridAxis axis{name, {}};
      for (const auto& value : entry->value.items) axis.values.push_back(name_of(value));
      sweep_.axes.push_back(std::move(axis));
    }
    for (std::size_t point = 0; point < points; ++point) add(grid_point(axes, point, points));
  }

  /// The last axis varies fastest.
  static Variant grid_point(const std::vector<std::pair<const Value::Entry*, std::string>>& axes,
                            std::size_t point,
                            std::size_t points) {
    Variant variant;
    variant.pos = axes.front().first->pos;
    std::size_t rest = point;
    std::size_t block = points;
    for (const auto& [entry, name] : axes) {
      block /= entry->value.items.size();
      variant.point.push_back(rest / block);
      const Value& value = entry->value.items[rest / block];
      rest %= block;
      variant.name += fmt::format("{}{}={}", variant.name.empty() ? "" : "+", name, name_of(value));
      variant.settings.push_back({entry->key, entry->pos, value});
      variant.settings.back().value.given_by = "sweep";
    }
    return variant;
  }

  /// The parameter without its node where that is clear.
  static std::map<std::string, std::string> short_names(const Value& grid) {
    const auto last = [](const std::string& key) { return key.substr(key.rfind('.') + 1); };
    std::map<std::string, int> count;
    for (const auto& entry : grid.entries) ++count[last(entry.key)];
    std::map<std::string, std::string> out;
    for (const auto& entry : grid.entries)
      out[entry.key] = count[last(entry.key)] == 1 ? last(entry.key) : entry.key;
    return out;
  }

  void metrics(const Value& root) {
    const auto* metrics = map_of(root, "metrics");
    if (metrics == nullptr) return;
    for (const auto& entry : metrics->entries) metric(entry);
  }

  void metric(const Value::Entry& entry) {
    const std::string owner = fmt::format("metric '{}'", entry.key);
    if (!is_metric_name(entry.key)) {
      out_.add(entry.pos,
               fmt::format("{}: a name has letters, digits, '_' and '-' only, and is none of {}",
                           owner, fmt::join(kColumns, ", ")));
    }
    if (!entry.value.is_map()) {
      out_.add(entry.value.pos, fmt::format("{}: must be a map with 'file' and 'at', got {}", owner,
                                            entry.value.kind_name()));
      return;
    }
    config::check_keys(entry.value, kMetricKeys, owner, out_);
    Metric metric{entry.key, entry.pos, {}, {}, {}, {}};
    const auto* file = entry.value.find("file");
    const std::string kind =
        file == nullptr || !file->is_scalar() ? "" : fs::path(file->scalar).extension().string();
    if (kind != ".json" && kind != ".csv") {
      out_.add(file == nullptr ? entry.pos : file->pos,
               owner + ": 'file' must name a .json or .csv file that a run writes");
      return;
    }
    metric.file = file->scalar;
    if (!is_in_run(metric.file))
      out_.add(file->pos, owner + ": 'file' must lie in the folder of the run");
    place(metric, entry, kind == ".csv", owner);
    row(metric, entry, kind == ".csv", owner);
    better(metric, entry, owner);
    cases(metric, entry, owner);
    sweep_.metrics.push_back(std::move(metric));
  }

  /// `a.b.0`, or a list of keys where one holds a dot; of a CSV file the name of a column.
  void place(Metric& metric, const Value::Entry& entry, bool csv, const std::string& owner) {
    const auto* at = entry.value.find("at");
    if (at != nullptr && at->is_list() && !csv) {
      for (const auto& item : at->items) metric.at.push_back(item.scalar);
    } else if (at != nullptr && at->is_scalar() && csv) {
      metric.at.push_back(at->scalar);
    } else if (at != nullptr && at->is_scalar()) {
      std::istringstream keys(at->scalar);
      for (std::string key; std::getline(keys, key, '.');) metric.at.push_back(key);
    }
    if (!metric.at.empty() && std::ranges::find(metric.at, "") == metric.at.end()) return;
    out_.add(at == nullptr ? entry.pos : at->pos,
             owner + (csv ? ": 'at' must name a column"
                          : ": 'at' must say where the number is, such as model.at_threshold.f1"));
  }

  void row(Metric& metric, const Value::Entry& entry, bool csv, const std::string& owner) {
    const auto* row = entry.value.find("row");
    if (row == nullptr) return;
    if (!csv || !row->is_map() || row->entries.size() != 1 ||
        !row->entries.front().value.is_scalar()) {
      out_.add(row->pos, owner + (csv ? ": 'row' must be {COLUMN: VALUE}, which finds one row"
                                      : ": 'row' is for CSV files"));
      return;
    }
    metric.row_column = row->entries.front().key;
    metric.row_value = row->entries.front().value.scalar;
  }

  void better(Metric& metric, const Value::Entry& entry, const std::string& owner) {
    const auto* better = entry.value.find("better");
    if (better == nullptr) return;
    if (better->scalar == "higher" || better->scalar == "lower") {
      metric.higher_is_better = better->scalar == "higher";
    } else {
      out_.add(better->pos, fmt::format("{}: 'better' must be higher or lower, got {}", owner,
                                        better->kind_name()));
    }
  }

  /// Where the counts of each case are: F1, precision or recall of columns tp, fp and fn, or the
  /// ratio of two columns.
  void cases(Metric& metric, const Value::Entry& entry, const std::string& of_metric) {
    const auto* cases = entry.value.find("cases");
    if (cases == nullptr) return;
    const std::string owner = of_metric + ": cases";
    if (!cases->is_map()) {
      out_.add(cases->pos,
               fmt::format("{}: must be a map with 'file' and 'measure' or 'ratio', got {}", owner,
                           cases->kind_name()));
      return;
    }
    config::check_keys(*cases, kCasesKeys, owner, out_);
    const auto* file = cases->find("file");
    if (file == nullptr || fs::path(file->scalar).extension() != ".csv" ||
        !is_in_run(file->scalar)) {
      out_.add(file == nullptr ? cases->pos : file->pos,
               owner + ": 'file' must name a .csv file in the folder of the run");
      return;
    }
    metric.cases.file = file->scalar;
    if (const auto* by = cases->find("by"); by != nullptr) metric.cases.by = by->scalar;
    ratio(metric, *cases, owner);
  }

  void ratio(Metric& metric, const Value& cases, const std::string& owner) {
    const auto* measure = cases.find("measure");
    const auto* ratio = cases.find("ratio");
    auto& [file, by, top, bottom] = metric.cases;
    if (measure != nullptr && ratio == nullptr) {
      top = {"tp"};
      bottom = {"tp", measure->scalar == "recall" ? "fn" : "fp"};
      if (measure->scalar == "f1") {
        top.emplace_back("tp");
        bottom = {"tp", "tp", "fp", "fn"};
      } else if (measure->scalar != "precision" && measure->scalar != "recall") {
        out_.add(measure->pos, owner + ": 'measure' must be f1, precision or recall");
      }
      if (!metric.higher_is_better) metric.higher_is_better = true;
    } else if (ratio != nullptr && measure == nullptr && ratio->is_list() &&
               ratio->items.size() == 2 && ratio->items[0].is_scalar() &&
               ratio->items[1].is_scalar()) {
      top = {ratio->items[0].scalar};
      bottom = {ratio->items[1].scalar};
    } else {
      out_.add(cases.pos, owner +
                              ": must have either 'measure' (f1, precision, recall) or 'ratio' "
                              "[COLUMN, COLUMN], whose sums are divided");
    }
  }

  void report(const Value& root) {
    std::vector<std::string> variants;
    std::vector<std::string> metrics;
    // Also those that could not be read, which have had their message.
    if (const auto* named = root.find("variants"); named != nullptr) variants = named->keys();
    for (const auto& variant : sweep_.variants) variants.push_back(variant.name);
    if (const auto* named = root.find("metrics"); named != nullptr) metrics = named->keys();
    sweep_.report = read_report_keys(root, variants, metrics, out_);
  }

  SweepFile sweep_;
  Diagnostics& out_;
};

}  // namespace

SweepFile parse_sweep(const std::string& text,
                      const std::string& file,
                      Diagnostics& out,
                      const std::string& preset) {
  const Value root = config::parse_yaml(text, file, out);
  SweepFile nothing;
  if (root.is_null() && !out.empty()) return nothing;  // not YAML at all: one message is enough
  Reader reader(out);
  reader.read(root, file, preset);
  return reader.take();
}

const Step* SweepFile::step(std::string_view name) const {
  const auto found = std::ranges::find(prepare, name, &Step::name);
  return found == prepare.end() ? nullptr : &*found;
}

bool is_sweep(const fs::path& named) {
  const auto file = config::find_file(named);
  std::ifstream in(file);
  if (!in || fs::is_directory(file)) return false;
  std::ostringstream text;
  text << in.rdbuf();
  Diagnostics ignored;
  const Value root = config::parse_yaml(text.str(), file.string(), ignored);
  const auto has = [&root](const char* key) { return root.find(key) != nullptr; };
  return root.is_map() && !has("nodes") &&
         (has("variants") || has("grid") || (has("base") && has("metrics")));
}

SweepFile read_sweep(const fs::path& named, Diagnostics& out, const std::string& preset) {
  const auto file = config::find_file(named);
  std::ifstream in(file);
  if (!in || fs::is_directory(file)) {
    out.add({file.string(), 0, 0}, "cannot read the sweep file" + config::not_found_hint(named));
    return {};
  }
  std::ostringstream text;
  text << in.rdbuf();
  return parse_sweep(text.str(), file.string(), out, preset);
}

}  // namespace mito::sweep
