#include "tools/sweep/report_keys.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/config/param_io.h"
#include "engine/core/text.h"
#include "tools/sweep/keys.h"
#include "tools/sweep/sweep_keys.h"

namespace mito::sweep {
namespace {

using config::Value;

constexpr const char* kSource = "source";
/// Columns that every summary has, so that no label may be called the same.
constexpr std::array<std::string_view, 2> kSummaryColumns{"variant", "runs"};

class Reader {
 public:
  Reader(const std::vector<std::string>& variants,
         const std::vector<std::string>& metrics,
         Diagnostics& out)
      : variants_(variants), metrics_(metrics), out_(out) {}

  ReportKeys read(const Value& root) {
    if (const auto* entry = root.entry("baseline"); entry != nullptr) baseline(entry->value);
    if (const auto* figures = map_of(root, "figures"); figures != nullptr)
      for (const auto& entry : figures->entries) chart(entry);
    if (const auto* published = map_of(root, "published"); published != nullptr)
      read_published(*published);
    if (const auto* labels = map_of(root, "labels"); labels != nullptr)
      for (const auto& entry : labels->entries) label(entry);
    return std::move(keys_);
  }

 private:
  /// The map under `key`; null when it is absent, or after a message.
  const Value* map_of(const Value& root, const std::string& key) {
    const auto* entry = root.entry(key);
    if (entry == nullptr) return nullptr;
    return is_filled_map(*entry, fmt::format("'{}'", key)) ? &entry->value : nullptr;
  }

  bool is_filled_map(const Value::Entry& entry, const std::string& owner) {
    if (entry.value.is_map() && !entry.value.entries.empty()) return true;
    out_.add(entry.value.is_null() ? entry.pos : entry.value.pos,
             fmt::format("{} must be a map with at least one entry, got {}", owner,
                         entry.value.is_map() ? "none" : entry.value.kind_name()));
    return false;
  }

  /// Is it one of `known`? A message that names the nearest one when not.
  bool check_known(const Value::Entry& entry,
                   const std::vector<std::string>& known,
                   std::string_view owner,
                   std::string_view what) {
    if (std::ranges::find(known, entry.key) != known.end()) return true;
    std::string hint = did_you_mean(entry.key, known);
    if (hint.empty())
      hint =
          known.empty() ? "; it has none" : fmt::format("; there are {}", fmt::join(known, ", "));
    out_.add(entry.pos,
             fmt::format("{}: the sweep has no {} '{}'{}", owner, what, entry.key, hint));
    return false;
  }

  void baseline(const Value& value) {
    Value::Entry named;
    named.key = value.scalar;
    named.pos = value.pos;
    if (!value.is_scalar() || value.scalar.empty()) {
      out_.add(value.pos, fmt::format("'baseline' must name a variant, got {}", value.kind_name()));
    } else if (check_known(named, variants_, "baseline", "variant")) {
      keys_.baseline = value.scalar;
    }
  }

  void chart(const Value::Entry& entry) {
    const std::string owner = fmt::format("figure '{}'", entry.key);
    if (!is_word(entry.key)) {
      out_.add(entry.pos, owner +
                              ": a name has letters, digits, '_' and '-' only, and begins with "
                              "a letter or digit; it becomes a file");
    }
    if (std::ranges::find(metrics_, entry.key) != metrics_.end())
      out_.add(entry.pos, owner + ": a metric has this name, and a figure of its own");
    if (!entry.value.is_map()) {
      out_.add(entry.value.pos, fmt::format("{}: must be a map with 'file', 'x' and 'y', got {}",
                                            owner, entry.value.kind_name()));
      return;
    }
    config::check_keys(entry.value, kFigureKeys, owner, out_);
    Chart chart;
    chart.name = entry.key;
    chart.title = entry.key;
    if (entry.value.find("title") != nullptr) chart.title = text(entry, "title", owner, "be text");
    chart.file = text(entry, "file", owner, "name a .csv file that a run writes");
    chart.x = text(entry, "x", owner, "name a column");
    chart.y = text(entry, "y", owner, "name a column");
    check_file(chart.file, entry, owner);
    band(chart, entry, owner);
    where(chart, entry, owner);
    keys_.charts.push_back(std::move(chart));
  }

  std::string text(const Value::Entry& entry,
                   const char* key,
                   const std::string& owner,
                   const char* wanted) {
    const auto* value = entry.value.find(key);
    if (value != nullptr && value->is_scalar() && !value->scalar.empty()) return value->scalar;
    out_.add(value == nullptr ? entry.pos : value->pos,
             fmt::format("{}: '{}' must {}, got {}", owner, key, wanted,
                         value == nullptr ? "nothing" : value->kind_name()));
    return {};
  }

  void check_file(const std::string& file, const Value::Entry& entry, const std::string& owner) {
    if (file.empty()) return;
    const auto& pos = entry.value.find("file")->pos;
    if (std::filesystem::path(file).extension() != ".csv")
      out_.add(pos, fmt::format("{}: 'file' must name a .csv file, got '{}'", owner, file));
    if (!is_in_run(file)) out_.add(pos, owner + ": 'file' must lie in the folder of the run");
  }

  void band(Chart& chart, const Value::Entry& entry, const std::string& owner) {
    const auto* band = entry.value.find("band");
    if (band == nullptr) return;
    if (!band->is_list() || band->items.size() != 2 ||
        !std::ranges::all_of(band->items, [](const Value& item) {
          return item.is_scalar() && !item.scalar.empty();
        })) {
      out_.add(band->pos, owner + ": 'band' must be [COLUMN, COLUMN], the lower end first");
      return;
    }
    chart.low = band->items[0].scalar;
    chart.high = band->items[1].scalar;
  }

  void where(Chart& chart, const Value::Entry& entry, const std::string& owner) {
    const auto* where = entry.value.find("where");
    if (where == nullptr) return;
    if (!where->is_map() || where->entries.empty() ||
        !std::ranges::all_of(where->entries,
                             [](const Value::Entry& e) { return e.value.is_scalar(); })) {
      out_.add(where->pos, owner + ": 'where' must be {COLUMN: VALUE}, which chooses rows");
      return;
    }
    for (const auto& one : where->entries) chart.where.emplace_back(one.key, one.value.scalar);
  }

  void read_published(const Value& published) {
    const auto* source = published.entry(kSource);
    if (source == nullptr || !source->value.is_scalar() || source->value.scalar.empty()) {
      out_.add(source == nullptr ? published.pos : source->pos,
               "published: 'source' must say where the numbers were published");
    } else {
      keys_.published.source = source->value.scalar;
    }
    for (const auto& entry : published.entries) {
      if (entry.key == kSource || !check_known(entry, metrics_, "published", "metric")) continue;
      const std::string owner = fmt::format("published '{}'", entry.key);
      if (!is_filled_map(entry, owner + ":")) continue;
      for (const auto& one : entry.value.entries) published_number(entry.key, one, owner);
    }
  }

  void published_number(const std::string& metric,
                        const Value::Entry& entry,
                        const std::string& owner) {
    if (!check_known(entry, variants_, owner, "variant")) return;
    const auto number = config::convert<double>(entry.value);
    if (!number || !std::isfinite(*number)) {
      out_.add(entry.value.is_null() ? entry.pos : entry.value.pos,
               fmt::format("{}: '{}' must be a number, got {}", owner, entry.key,
                           entry.value.kind_name()));
      return;
    }
    keys_.published.values[metric][entry.key] = *number;
  }

  void label(const Value::Entry& entry) {
    if (!check_known(entry, variants_, "labels", "variant")) return;
    const std::string owner = fmt::format("labels of '{}'", entry.key);
    if (!is_filled_map(entry, owner + ":")) return;
    for (const auto& one : entry.value.entries) {
      if (one.key.empty() || is_column(one.key)) {
        out_.add(one.pos, fmt::format("{}: the table has a column '{}' already", owner, one.key));
      } else if (!one.value.is_scalar() && !one.value.is_null()) {
        out_.add(one.value.pos, fmt::format("{}: '{}' must be text or a number, got {}", owner,
                                            one.key, one.value.kind_name()));
      } else {
        auto& columns = keys_.labels.columns;
        if (std::ranges::find(columns, one.key) == columns.end()) columns.push_back(one.key);
        keys_.labels.texts[entry.key][one.key] = one.value.scalar;
      }
    }
  }

  bool is_column(const std::string& name) const {
    return std::ranges::find(kSummaryColumns, name) != kSummaryColumns.end() ||
           std::ranges::find(metrics_, name) != metrics_.end();
  }

  const std::vector<std::string>& variants_;
  const std::vector<std::string>& metrics_;
  Diagnostics& out_;
  ReportKeys keys_;
};

}  // namespace

ReportKeys read_report_keys(const Value& root,
                            const std::vector<std::string>& variants,
                            const std::vector<std::string>& metrics,
                            Diagnostics& out) {
  return Reader(variants, metrics, out).read(root);
}

}  // namespace mito::sweep
