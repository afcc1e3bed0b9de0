#include "tools/sweep/results.h"

#include <algorithm>
#include <map>

#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "tools/sweep/comparison.h"
#include "tools/sweep/curve_file.h"
#include "tools/sweep/flags.h"
#include "tools/sweep/metric_value.h"
#include "tools/sweep/sweep_page.h"
#include "tools/sweep/training_state.h"

namespace mito::sweep {
namespace {

namespace fs = std::filesystem;

Row row_of(const SweepFile& sweep,
           const std::vector<std::string>& params,
           const std::vector<Source>& sources,
           const Run& run,
           const RunState& state,
           const fs::path& folder) {
  Row row;
  row.variant = run.variant;
  row.seed = run.seed_text();
  row.state = name_of(state.kind);
  row.problem = state.problem;
  for (const auto& param : params) row.params.push_back(value_in_effect(run.graph, param));
  row.metrics.resize(sweep.metrics.size());
  row.cases.resize(sweep.metrics.size());
  if (state.kind != RunState::Kind::Done) return row;
  row.seconds = state.record->seconds;
  /// What a run lacks makes it a failed one.
  const auto attempt = [&row](const std::string& what, const auto& read) {
    try {
      read();
    } catch (const DataError& error) {
      row.state = name_of(RunState::Kind::Failed);
      row.problem = fmt::format("{}: {}", what, error.what());
    }
  };
  for (std::size_t m = 0; m < sweep.metrics.size(); ++m) {
    attempt(fmt::format("metric '{}'", sweep.metrics[m].name), [&] {
      row.metrics[m] = metric_value(sweep.metrics[m], folder);
      if (!sweep.metrics[m].cases.file.empty())
        row.cases[m] = case_parts(sweep.metrics[m], row.metrics[m], folder);
    });
  }
  const auto& charts = sweep.report.charts;
  row.curves.resize(charts.size());
  for (std::size_t c = 0; c < charts.size(); ++c) {
    attempt(fmt::format("figure '{}'", charts[c].name),
            [&] { row.curves[c] = read_curve(charts[c], folder); });
  }
  if (row.state != name_of(RunState::Kind::Done)) return row;
  row.flags.resize(sources.size());
  for (std::size_t s = 0; s < sources.size(); ++s)
    attempt("flags", [&] { row.flags[s] = read_flags(folder / sources[s].file, sources[s].at); });
  return row;
}

/// The metrics, then the charts.
std::vector<Source> sources_of(const SweepFile& sweep) {
  std::vector<Source> out;
  for (const auto& metric : sweep.metrics) out.push_back({metric.name, metric.file, metric.at});
  for (const auto& chart : sweep.report.charts) out.push_back({chart.title, chart.file, {}});
  return out;
}

/// Marks the runs of which a network collapsed.
void add_training(Table& table,
                  const std::vector<Run>& runs,
                  const std::vector<RunState>& states,
                  const fs::path& out) {
  std::vector<const RunRecord*> records;
  std::vector<fs::path> folders;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const bool done = states[i].kind == RunState::Kind::Done;
    records.push_back(done ? &*states[i].record : nullptr);
    folders.push_back(out / runs[i].folder);
  }
  auto found = training_states(records, folders);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    auto& row = table.rows[i];
    row.training = std::move(found[i]);
    if (row.state == name_of(RunState::Kind::Done) && !row.training.collapsed.empty())
      row.state = Row::kCollapsed;
  }
}

}  // namespace

const char* name_of(RunState::Kind kind) {
  switch (kind) {
    case RunState::Kind::ToDo:
      return "to do";
    case RunState::Kind::Partly:
      return "partly";
    case RunState::Kind::Failed:
      return "failed";
    case RunState::Kind::Done:
      return "done";
  }
  return "?";
}

RunState state_of(const fs::path& folder,
                  std::string RunRecord::*field,
                  const std::string& expected) {
  auto record = read_record(folder);
  if (!record) return {};
  if ((*record).*field != expected)
    return {RunState::Kind::ToDo, "was made with other values or inputs", std::nullopt};
  RunState state;
  if (record->state == RunRecord::State::Started) {
    state.kind = RunState::Kind::Partly;
  } else if (record->state == RunRecord::State::Failed) {
    state.kind = RunState::Kind::Failed;
    state.problem = record->message;
  } else if (is_whole(folder, *record)) {
    state.kind = RunState::Kind::Done;
  } else {
    return {RunState::Kind::Partly, "a file it wrote is missing or was changed", std::nullopt};
  }
  state.record = std::move(record);
  return state;
}

Table table_of(const SweepFile& sweep,
               const std::vector<Run>& runs,
               const std::vector<RunState>& states,
               const fs::path& out) {
  Table table;
  table.title = sweep.title.empty() ? sweep.file.filename().string() : sweep.title;
  for (const auto& metric : sweep.metrics) table.metrics.push_back(metric.name);
  table.report = sweep.report;
  table.sources = sources_of(sweep);
  for (const auto& metric : sweep.metrics)
    table.kinds.push_back({metric.higher_is_better, !metric.cases.file.empty()});
  table.axes = sweep.axes;
  for (const auto& variant : sweep.variants)
    if (!variant.point.empty()) table.points[variant.name] = variant.point;
  const auto params = varied(sweep);
  for (const auto& param : params)
    table.params.push_back(param.find('.') == std::string::npos ? fmt::format("${}", param)
                                                                : param);
  std::vector<std::map<std::string, std::string>> models(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    table.rows.push_back(
        row_of(sweep, params, table.sources, runs[i], states[i], out / runs[i].folder));
    if (states[i].kind != RunState::Kind::Done) continue;
    for (const auto& file : states[i].record->files) {
      if (file.model_digest.empty()) continue;
      models[i][file.path] = file.model_digest;
      if (std::ranges::find(table.models, file.path) == table.models.end())
        table.models.push_back(file.path);
    }
  }
  add_training(table, runs, states, out);
  std::ranges::sort(table.models);
  for (std::size_t i = 0; i < runs.size(); ++i)
    for (const auto& name : table.models) table.rows[i].models.push_back(models[i][name]);
  return table;
}

void write_tables(const Table& table, const fs::path& out) {
  fs::create_directories(out);
  write_file(out / "sweep.csv", to_csv(table));
  const auto comparison = comparison_of(table);
  write_file(out / "sweep.md", to_markdown(table, comparison_sections(table, comparison)));
  for (const char* file : {kComparedFile, kRanksFile}) fs::remove(out / file);  // of an older file
  for (const auto& file : comparison_files(table, comparison))
    write_file(out / file.name, file.bytes);
  report::write(sweep_page(table, comparison), out, "sweep.html");
}

}  // namespace mito::sweep
