#include "tools/cohort/tasks.h"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/run_files.h"
#include "tools/cohort/attempts.h"
#include "tools/cohort/leases.h"
#include "tools/cohort/slides_file.h"

namespace mito::cohort {
namespace {

namespace fs = std::filesystem;
using mito::graph::Graph;
using mito::graph::ItemList;
using mito::graph::RunOptions;
using mito::graph::RunReport;
using How = SlideState::How;

/// Of processor time. To begin a batch costs 0.3 s or more with the shipped network, which is
/// loaded and transformed anew.
constexpr double kWorthSeconds = 10;
constexpr double kLeastSeconds = 1e-3;

void add(RunReport& sum, RunReport more) {
  for (auto& [node, told] : more.told) {
    auto& all = sum.told[node];
    std::ranges::move(told, std::back_inserter(all));
    std::ranges::sort(all, {}, [](const auto& t) { return t.key.hash(); });
  }
  std::ranges::move(more.failures, std::back_inserter(sum.failures));
  for (const auto& [node, seconds] : more.seconds) sum.seconds[node] += seconds;
  for (const auto& [node, runs] : more.runs) sum.runs[node] += runs;
  sum.items += more.items;
}

/// One task, from its first slide to the last.
class Task {
 public:
  Task(Graph& graph, const RunOptions& options, FileDigests& digests, const Tasks& tasks)
      : graph_(graph),
        options_(options),
        tasks_(tasks),
        list_(graph.items(digests)),
        settings_(graph.settings(digests)),
        attempts_(options.out, settings_, options.watch),
        settled_(list_.names().size()) {
    options_.watch = &attempts_;
    options_.keep_going = true;
  }

  TaskReport run() {
    refuse_beside_lone_run(options_.out);
    refuse_beside_other_tasks();
    write_slides(options_.out,
                 {fs::path(graph_.pipeline().file).filename().string(), settings_, list_.names()});
    for (const auto& slide : list_.names()) costs_.push_back(slide.bytes);
    for (const auto slide : order_of(costs_, tasks_.shard))
      if (!look(slide)) open_.push_back(slide);
    if (!open_.empty()) remove_record();
    while (!open_.empty()) {
      const auto batch = claim();
      if (batch.empty()) break;
      auto options = options_;
      options.only = batch;
      options.after = behind(batch);
      if (tasks_.before) tasks_.before(options);
      const auto begun = std::clock();
      add(report_.run, graph_.run(options));
      learn(batch, static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC);
      attempts_.let_go();
      std::erase_if(open_,
                    [&](auto slide) { return std::ranges::find(batch, slide) != batch.end(); });
      for (const auto slide : batch) look(slide);
    }
    bool is_all = true;
    for (std::uint32_t slide = 0; slide < settled_.size(); ++slide)
      is_all = (settled_[slide] || look(slide)) && is_all;
    if (is_all) finish();
    report_.slides = list_.names().size();
    for (std::size_t slide = 0; slide < settled_.size(); ++slide) {
      if (!settled_[slide]) continue;
      if (settled_[slide]->how == How::Done) ++report_.done;
      if (settled_[slide]->how == How::Failed)
        report_.failed.push_back({list_.names()[slide].name, settled_[slide]->message});
    }
    return std::move(report_);
  }

 private:
  fs::path folder(std::uint32_t slide) const {
    return folder_of(options_.out, list_.names()[slide]);
  }

  /// Is nothing to be done for it? What has no state is not read.
  bool look(std::uint32_t slide) {
    auto state = read_state(folder(slide));
    const bool is_one = state && (state->how == How::Done || state->how == How::Failed) &&
                        state->settings == settings_ &&
                        is_settled(folder(slide), *state, settings_, list_.digest(slide));
    settled_[slide] = is_one ? std::move(state) : std::nullopt;
    return is_one;
  }

  /// What is worth a batch, by the processor time that `batch` took, which others on this machine
  /// do not change.
  void learn(const std::vector<std::uint32_t>& batch, double seconds) {
    std::uint64_t cost = 0;
    for (const auto slide : batch) cost += costs_[slide];
    worth_ = static_cast<std::uint64_t>(static_cast<double>(cost) * kWorthSeconds /
                                        std::max(seconds, kLeastSeconds));
  }

  /// Takes slides that nobody has; those that turn out to be done are crossed off.
  std::vector<std::uint32_t> claim() {
    const auto most = batch_size(open_, costs_, tasks_.shard, worth_);
    std::vector<std::uint32_t> batch;
    std::vector<std::uint32_t> settled;
    for (const auto slide : open_) {
      if (batch.size() == most) break;
      if (options_.stop != nullptr && options_.stop->load())
        throw Interrupted("interrupted; what was stored will be used again");
      auto lease = Lease::take(slide_lease(options_.out, list_.names()[slide].folder), kAbandoned);
      if (!lease) continue;
      auto before = lost(slide);
      if (look(slide) || (before && give_up(slide, *before))) {
        settled.push_back(slide);
        continue;
      }
      // Alone: should it end its process again, no other is taken for what did.
      const bool is_alone = before.has_value();
      if (is_alone && !batch.empty()) continue;
      attempts_.hold(slide, std::move(*lease));
      batch.push_back(slide);
      if (is_alone) break;
    }
    std::erase_if(open_,
                  [&](auto slide) { return std::ranges::find(settled, slide) != settled.end(); });
    return batch;
  }

  /// What it came to by a process that has ended without a word, whose lease is ours now.
  std::optional<SlideState> lost(std::uint32_t slide) const {
    auto state = read_state(folder(slide));
    const bool is_lost = state && state->how == How::Running && state->settings == settings_;
    return is_lost ? std::move(state) : std::nullopt;
  }

  /// Has it ended one process after another? Then it has failed: it would end all tasks.
  bool give_up(std::uint32_t slide, SlideState& state) {
    if (tasks_.most_lost == 0 || state.lost + 1 < tasks_.most_lost) return false;
    state.how = How::Failed;
    state.message = fmt::format(
        "{} processes that worked on it ended without a word, one after another, the last on {}, "
        "process {}{}: killed, or out of memory",
        state.lost + 1, state.host, state.pid,
        state.node.empty() ? "" : fmt::format(", in '{}'", state.node));
    write_state(folder(slide), state);
    return look(slide);
  }

  /// The first slide that is open and not in `batch`.
  std::optional<std::uint32_t> behind(const std::vector<std::uint32_t>& batch) const {
    const auto is_other = [&](auto slide) { return std::ranges::count(batch, slide) == 0; };
    const auto found = std::ranges::find_if(open_, is_other);
    return found == open_.end() ? std::nullopt : std::optional(*found);
  }

  /// Tasks of one run share its folder; those of another, with other parameters or slides, do not.
  void refuse_beside_other_tasks() const {
    const auto before = read_slides(options_.out);
    if (!before || before->settings == settings_) return;
    if (const auto worker = worker_in(options_.out))
      throw DataError(fmt::format(
          "tasks of another run, with other parameters or inputs, work in '{}' (host {}, process "
          "{}); wait for them, or choose another --out",
          options_.out.string(), worker->host, worker->pid));
  }

  /// No record stands beside the files of another run.
  void remove_record() const {
    std::error_code ignored;
    fs::remove(options_.out / run_files::kRecord, ignored);
  }

  /// Slides that failed are not tried again for what is made of all.
  RunOptions of_all() const {
    auto options = options_;
    for (std::uint32_t slide = 0; slide < settled_.size(); ++slide)
      if (settled_[slide]->how == How::Failed)
        options.failed_before[slide] = settled_[slide]->message;
    return options;
  }

  /// What is made of all slides, by one task.
  void finish() {
    auto lease = Lease::take(run_lease(options_.out), kAbandoned);
    if (!lease) return;
    attempts_.hold(std::move(*lease));
    remove_temporaries(options_.out);
    remove_temporaries(run_lease(options_.out).parent_path());
    remove_abandoned_leases(options_.out);
    if (graph_.has_results_of_all_items()) add(report_.run, graph_.run(of_all()));
    tasks_.finish();
    report_.finished = true;
  }

  Graph& graph_;
  RunOptions options_;
  const Tasks& tasks_;
  ItemList list_;
  std::string settings_;
  Attempts attempts_;
  std::vector<std::uint64_t> costs_;                // by slide
  std::uint64_t worth_ = 0;                         // bytes that are worth a batch
  std::vector<std::uint32_t> open_;                 // in the order in which they are asked for
  std::vector<std::optional<SlideState>> settled_;  // by slide
  TaskReport report_;
};

}  // namespace

TaskReport work(Graph& graph, const RunOptions& options, FileDigests& digests, const Tasks& tasks) {
  return Task(graph, options, digests, tasks).run();
}

}  // namespace mito::cohort
