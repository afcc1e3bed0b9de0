#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/local_copies.h"
#include "engine/nn/backend.h"
#include "engine/store/hdf5_store.h"
#include "tools/cli/ahead.h"
#include "tools/cli/commands.h"
#include "tools/cli/disk.h"
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/run_record.h"
#include "tools/cohort/attempts.h"
#include "tools/cohort/leases.h"
#include "tools/cohort/slides_file.h"
#include "tools/cohort/tasks.h"

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

/// Is there a result, and was none of them made now? Slides are opened all the same.
bool all_cached(const mito::graph::Graph& graph, const mito::graph::RunReport& report) {
  const auto is_result = [&](const mito::graph::NodeView& node) {
    return node.store || node.type->info.sink || report.told.contains(node.id);
  };
  const auto& nodes = graph.nodes();
  return report.failures.empty() && std::ranges::any_of(nodes, is_result) &&
         std::ranges::none_of(nodes, [&](const mito::graph::NodeView& node) {
           return is_result(node) && report.runs.contains(node.id);
         });
}

/// One line per slide: "tissue_mm2 1.724, detections 8". What several outputs say of the slide is
/// told with their names: "auto.tissue_mm2 1.724, otsu.tissue_mm2 1.703".
void print_summary(const Json& slides) {
  for (const auto& [slide, nodes] : slides.items()) {
    std::map<std::string, int> outputs;
    for (const auto& [node, values] : nodes.items())
      for (const auto& [name, value] : values.items()) ++outputs[name];
    std::string text;
    for (const auto& [node, values] : nodes.items()) {
      for (const auto& [name, value] : values.items())
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                            outputs[name] > 1 ? fmt::format("{}.{}", node, name) : name,
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
  options.out = out_folder(command.pipeline.file, command.out);
  return options;
}

namespace {

/// What a run needs of what the command line says.
class PipelineRun {
 public:
  PipelineRun(const RunCommand& command, const std::atomic<bool>& stop)
      : command_(command),
        graph_(load(command.pipeline, true)),
        root_(command.no_store ? std::filesystem::path() : store_root(command.store)) {
    options_ = run_options(command);
    check_output_folder(options_.out);
    warn_ahead(graph_);
    refuse_seen_cases(graph_);
    if (!command.no_store) store_.emplace(root_);
    digests_ = file_digests(root_, command.verify_inputs);
    display_.emplace(command.progress, progress_, *digests_);
    options_.auto_accelerates = mito::nn::auto_accelerates();
    options_.store = store_ ? &*store_ : nullptr;
    options_.digests = digests_.get();
    if (!command.stage.empty())
      copies_.emplace(command.stage, static_cast<std::size_t>(options_.items_in_flight) + 1,
                      [&stop] { return stop.load(); });
    options_.copies = copies_ ? &*copies_ : nullptr;
    options_.stop = &stop;
    options_.progress = &progress_;
    options_.watch = &*display_;
    options_.on_stall = [](const std::string& text) { spdlog::warn("{}", text); };
    options_.tell = [](const mito::graph::NodeType& type, const mito::graph::Data& data) {
      const Json values = brief(type, data);
      return values.is_null() ? std::string() : json_text(values);
    };
  }

  int all_slides() {
    const auto settings = graph_.settings(*digests_);
    cohort::Attempts attempts(options_.out, settings, &*display_);
    attempts.hold(cohort::take_alone(options_.out));
    write_slides(settings);
    if (!command_.ignore_disk) refuse_without_room(graph_, options_, root_);
    remove_run_record(options_.out);
    options_.watch = &attempts;
    const auto report = graph_.run(options_);
    display_->finish();
    write_run_record(options_.out, graph_, *digests_);
    print(report, report.failures, "");
    return report.failures.empty() ? kOk : kSomeFailed;
  }

  int as_task(const Shard& shard) {
    cohort::Tasks tasks{
        .shard = shard, .most_lost = command_.most_lost, .before = {}, .finish = [&] {
          write_run_record(options_.out, graph_, *digests_);
        }};
    if (!command_.ignore_disk)
      tasks.before = [&](const mito::graph::RunOptions& options) {
        refuse_without_room(graph_, options, root_);
      };
    const auto report = cohort::work(graph_, options_, *digests_, tasks);
    display_->finish();
    const auto others = report.slides - report.done - report.failed.size();
    print(report.run, report.failed,
          fmt::format("{} of {} slides done{}{}", report.done, report.slides,
                      report.failed.empty() ? "" : fmt::format(", {} failed", report.failed.size()),
                      others == 0 ? "" : fmt::format(", {} with other tasks", others)));
    return report.run.failures.empty() && (!report.finished || report.failed.empty()) ? kOk
                                                                                      : kSomeFailed;
  }

 private:
  /// Where inputs alone say which slides there are, and more than one.
  void write_slides(const std::string& settings) {
    try {
      const auto slides = graph_.items(*digests_).names();
      if (!slides.empty() && !slides.front().folder.empty())
        cohort::write_slides(
            options_.out,
            {std::filesystem::path(graph_.pipeline().file).filename().string(), settings, slides});
    } catch (const ConfigError&) {  // no cohort: its slides are known one by one
    }
  }

  void print(const mito::graph::RunReport& report,
             const std::vector<mito::graph::Failure>& failed,
             const std::string& of_tasks) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    const Json slides = summary(graph_, report);
    if (command_.json) {
      Json failures = Json::array();
      for (const auto& f : failed) failures.push_back({{"slide", f.item}, {"message", f.message}});
      Json seconds = Json::object();
      for (const auto& [node, value] : report.seconds) seconds[node] = value;
      Json runs = Json::object();
      for (const auto& [node, value] : report.runs) runs[node] = value;
      fmt::print("{}", json_text(Json{{"out", options_.out.string()},
                                      {"slides", slides},
                                      {"failed", failures},
                                      {"seconds", elapsed.count()},
                                      {"node_seconds", seconds},
                                      {"node_runs", runs}}));
    } else {
      print_summary(slides);
      if (!of_tasks.empty()) fmt::print("{}\n", of_tasks);
      fmt::print("results in {} ({:.1f} s{})\n", options_.out.string(), elapsed.count(),
                 all_cached(graph_, report) ? ", everything was cached" : "");
    }
    for (const auto& failure : failed)
      std::fputs(fmt::format("error: slide '{}': {}\n", failure.item, failure.message).c_str(),
                 stderr);
  }

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const RunCommand& command_;
  mito::graph::Graph graph_;
  std::filesystem::path root_;
  std::optional<store::Hdf5Store> store_;
  std::unique_ptr<FileDigests> digests_;
  std::optional<LocalCopies> copies_;
  mito::graph::Progress progress_;
  std::optional<ProgressDisplay> display_;
  mito::graph::RunOptions options_;
};

}  // namespace

int run(const RunCommand& command, const std::atomic<bool>& stop) {
  if (command.shard.empty()) return PipelineRun(command, stop).all_slides();
  const auto shard = cohort::parse_shard(command.shard);
  if (command.no_store)
    throw ConfigError("--shard: error: tasks share a store; leave --no-store out");
  return PipelineRun(command, stop).as_task(shard);
}

}  // namespace mito::cli
