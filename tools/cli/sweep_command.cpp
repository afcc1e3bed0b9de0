#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "engine/hdf5/files.h"
#include "engine/nn/backend.h"
#include "engine/store/hdf5_store.h"
#include "engine/store/maintenance.h"
#include "tools/cli/ahead.h"
#include "tools/cli/commands.h"
#include "tools/cli/disk.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/run_record.h"
#include "tools/cli/shared_results.h"
#include "tools/sweep/results.h"
#include "tools/sweep/sweep_file.h"
#include "tools/sweep/sweep_runs.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using sweep::Run;
using sweep::RunRecord;
using sweep::RunState;
using sweep::SweepFile;

constexpr const char* kShardStore = "store";

SweepFile read(const SweepOptions& options) {
  Diagnostics problems;
  auto file = sweep::read_sweep(options.file, problems, options.preset);
  problems.throw_if_any();
  return file;
}

/// The runs of a sweep. Without `require_inputs` their input files need not be there.
std::vector<Run> make_runs(const SweepFile& file,
                           const SweepOptions& options,
                           bool require_inputs) {
  return sweep::make_runs(file, overrides_of(options.set), registry(), require_inputs,
                          out_folder(options.file, options.out));
}

std::vector<std::string> model_nodes(const mito::graph::Graph& graph) {
  std::vector<std::string> out;
  for (const auto& node : graph.nodes())
    if (node.type->info.identified) out.push_back(node.id);
  return out;
}

void remove_folder(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (error)
    throw DataError(fmt::format("cannot remove '{}': {}", folder.string(), error.message()));
}

/// The runs of a sweep in one output folder.
class Sweeper {
 public:
  Sweeper(const SweepCommand& command, const std::atomic<bool>& stop)
      : command_(command),
        stop_(stop),
        out_(out_folder(command.sweep.file, command.sweep.out)),
        file_(read(command.sweep)),
        digests_(file_digests(store_folder(), command.verify_inputs)) {
    for (std::size_t i = 0; i < file_.prepare.size(); ++i) steps_.push_back(open_step(i));
    open_runs();
  }

  /// Finds out how far every run is.
  void look() {
    now_.assign(runs_.size(), false);
    for (const auto& run : runs_) {
      std::string identity;
      RunState state;
      try {
        if (ready()) {
          identity = run.graph.identity(*digests_);
          state = sweep::state_of(out_ / run.folder, &RunRecord::identity, identity);
        }
      } catch (const std::exception& error) {
        state = {RunState::Kind::Failed, explain(error), std::nullopt};
      }
      identities_.push_back(std::move(identity));
      states_.push_back(std::move(state));
    }
  }

  int status() {
    look();
    const auto table = sweep::table_of(file_, runs_, states_, out_);
    std::size_t width = 0;
    for (const auto& step : steps_) width = std::max(width, step.run.label().size());
    for (const auto& run : runs_) width = std::max(width, run.label().size());
    const auto say = [&](const Run& run, const std::string& state, const std::string& problem) {
      fmt::print("{:<{}}  {}{}\n", run.label(), width, state,
                 problem.empty() ? "" : ": " + problem);
    };
    for (const auto& step : steps_)
      say(step.run, sweep::name_of(step.state.kind), step.state.problem);
    for (std::size_t i = 0; i < table.rows.size(); ++i)
      say(runs_[i], table.rows[i].state, table.rows[i].note());
    return kOk;
  }

  int run() {
    check_output_folder(out_);
    fs::create_directories(out_);
    const auto lock =
        store::FileLock::try_lock(out_ / "sweep.lock", store::FileLock::Mode::Exclusive);
    if (!lock) {
      throw DataError(
          fmt::format("another sweep is writing into '{}'; wait for it, or choose another --out",
                      out_.string()));
    }
    store::Hdf5Store store(store_folder());
    if (!command_.shard.empty() && !command_.store.empty()) shared_.emplace(store_folder());
    prepare(store);
    if (shared_) count_shared(store);
    look();
    write_tables();
    if (!runs_.empty()) warn_ahead(runs_.front().graph);
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (states_[i].kind != RunState::Kind::Done && !identities_[i].empty()) run_one(i, store);
    }
    return report();
  }

 private:
  fs::path store_folder() const {
    if (!command_.shard.empty() && command_.store.empty()) return out_ / kShardStore;
    return store_root(command_.store);
  }

  void write_tables() const {
    sweep::write_tables(sweep::table_of(file_, runs_, states_, out_), out_);
  }

  /// A step of `prepare`.
  struct Step {
    Run run;
    std::string identity;  ///< Empty while the steps before it are not done.
    RunState state;
    bool done() const { return state.kind == RunState::Kind::Done; }
  };

  /// A step as it is now. As long as one before it is not done, its inputs may be missing.
  Step open_step(std::size_t number) const {
    const bool before =
        std::all_of(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(number),
                    [](const Step& step) { return step.done(); });
    Step step{
        sweep::make_step(file_, number, overrides_of(command_.sweep.set), registry(), before, out_),
        {},
        {}};
    if (!before) return step;
    step.identity = step.run.graph.identity(*digests_);
    step.state = sweep::state_of(out_ / step.run.folder, &RunRecord::identity, step.identity);
    return step;
  }

  /// Are the inputs of the runs there?
  bool ready() const { return std::ranges::all_of(steps_, &Step::done); }

  /// The runs of this process. As long as nothing is prepared, their inputs may be missing.
  void open_runs() {
    runs_ = make_runs(file_, command_.sweep, ready());
    if (command_.shard.empty()) return;
    sweep::keep_shard(runs_, sweep::parse_shard(command_.shard));
    if (runs_.empty())
      throw ConfigError(fmt::format("--shard {}: error: the sweep has fewer runs", command_.shard));
  }

  /// Makes what the runs take as inputs, unless it is there. Throws DataError when that fails.
  void prepare(store::Hdf5Store& store) {
    if (ready()) return;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      Step& step = steps_[i] = open_step(i);
      if (step.done()) continue;
      if (shared_)  // every shard makes it
        count_shared(step.run, store, sweep::parse_shard(command_.shard).count);
      step.state = perform(step.run, step.identity, step.state, store);
      const auto name = step.run.label();
      if (!step.done())
        throw DataError(fmt::format("nothing was run: {} failed: {}",
                                    name == sweep::kPrepared ? "'prepare'" : "step '" + name + "'",
                                    step.state.problem));
      fmt::print(stderr, "{}: done in {:.1f} s\n", name, step.state.record->seconds);
    }
    open_runs();
  }

  /// Makes one run; a failure is kept in its record. Throws Interrupted.
  RunState perform(Run& run,
                   const std::string& identity,
                   const RunState& before,
                   store::Hdf5Store& store) {
    const fs::path folder = out_ / run.folder;
    if (!before.record && sweep::read_record(folder)) remove_folder(folder);
    RunRecord record;
    record.definition = run.definition;
    record.identity = identity;
    record.nodes = run.graph.nodes().size();
    sweep::write_record(folder, record);
    const auto start = std::chrono::steady_clock::now();
    try {
      record.nodes_run = execute(run.graph, folder, store);
      record.files = sweep::written_files(folder, model_nodes(run.graph));
      record.state = RunRecord::State::Done;
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      record.state = RunRecord::State::Failed;
      record.message = explain(error);
    }
    record.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    sweep::write_record(folder, record);
    const bool done = record.state == RunRecord::State::Done;
    return {done ? RunState::Kind::Done : RunState::Kind::Failed, record.message, record};
  }

  /// Runs one variant with one seed.
  void run_one(std::size_t i, store::Hdf5Store& store) {
    const RunState before = std::move(states_[i]);
    states_[i] = {RunState::Kind::Partly, {}, std::nullopt};
    try {
      states_[i] = perform(runs_[i], identities_[i], before, store);
    } catch (const Interrupted&) {
      write_tables();
      throw;
    }
    write_tables();
    const auto& record = *states_[i].record;
    const bool done = record.state == RunRecord::State::Done;
    nodes_ += done ? record.nodes : 0;
    nodes_run_ += done ? record.nodes_run : 0;
    now_[i] = done;
    fmt::print(stderr, "{}/{} {}: {}\n", i + 1, runs_.size(), runs_[i].label(),
               done ? fmt::format("done in {:.1f} s, {} of {} nodes ran", record.seconds,
                                  record.nodes_run, record.nodes)
                    : "failed: " + record.message);
  }

  mito::graph::RunOptions run_options(const fs::path& out, store::Hdf5Store& store) const {
    mito::graph::RunOptions options;
    options.threads = command_.jobs;
    options.stall_s = command_.stall_s;
    options.device = command_.device;
    options.auto_accelerates = mito::nn::auto_accelerates();
    options.out = out;
    options.store = &store;
    options.digests = digests_.get();
    options.stop = &stop_;
    return options;
  }

  /// Counts what `times` runs like this one have in common with others.
  void count_shared(Run& run, store::Hdf5Store& store, std::size_t times) {
    try {
      shared_->count(run.graph, run_options(out_ / run.folder, store), times);
    } catch (const DataError&) {  // what is wrong is said when it runs
    }
  }

  /// What the runs of all shards have in common.
  void count_shared(store::Hdf5Store& store) {
    for (auto& run : make_runs(file_, command_.sweep, true)) count_shared(run, store, 1);
  }

  /// Returns how many nodes ran.
  std::uint64_t execute(mito::graph::Graph& graph, const fs::path& out, store::Hdf5Store& store) {
    mito::graph::Progress progress;
    ProgressDisplay display(command_.progress, progress, *digests_);
    auto options = run_options(out, store);
    options.progress = &progress;
    options.watch = &display;
    options.on_stall = [](const std::string& text) { spdlog::warn("{}", text); };
    options.tell = [](const mito::graph::NodeType&, const mito::graph::Data&) {
      return std::string();
    };
    refuse_seen_cases(graph);
    if (!command_.ignore_disk) refuse_without_room(graph, options, store_folder());
    remove_run_record(out);
    const auto leases = shared_ ? shared_->take(graph, options, stop_) : nullptr;
    const auto report = graph.run(options);
    display.finish();
    write_run_record(out, graph, *digests_);
    return report.runs.size();
  }

  int report() const {
    const auto table = sweep::table_of(file_, runs_, states_, out_);
    const auto failed = std::ranges::count(table.rows, "failed", &sweep::Row::state);
    const auto collapsed = std::ranges::count_if(table.rows, &sweep::Row::collapsed);
    const auto done = collapsed + std::ranges::count(table.rows, "done", &sweep::Row::state);
    std::ptrdiff_t now = 0;
    for (std::size_t i = 0; i < table.rows.size(); ++i)
      now += table.rows[i].state != "failed" && now_[i] ? 1 : 0;
    fmt::print("{} runs: {} done now, {} done before, {} failed{}\n", table.rows.size(), now,
               done - now, failed,
               collapsed > 0 ? fmt::format("; {} of those done collapsed", collapsed) : "");
    if (nodes_ > 0)
      fmt::print("nodes of the runs done now: {} ran, {} did not have to (shared or cached)\n",
                 nodes_run_, nodes_ - nodes_run_);
    fmt::print("results in {}: sweep.csv, sweep.md, sweep.html\n", out_.string());
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      if (table.rows[i].state == "failed")
        fmt::print(stderr, "error: {}: {}\n", runs_[i].label(), table.rows[i].problem);
      if (table.rows[i].collapsed())
        fmt::print(stderr, "collapsed: {}: {}\n", runs_[i].label(), table.rows[i].note());
    }
    return failed == 0 ? kOk : kSomeFailed;
  }

  const SweepCommand& command_;
  const std::atomic<bool>& stop_;
  fs::path out_;
  SweepFile file_;
  std::unique_ptr<FileDigests> digests_;
  std::optional<SharedResults> shared_;  ///< With other shards that have the same store.
  std::vector<Step> steps_;
  std::vector<Run> runs_;
  std::vector<std::string> identities_;  ///< Empty where the inputs cannot be read.
  std::vector<RunState> states_;
  std::vector<bool> now_;  ///< Done by this process.
  std::uint64_t nodes_ = 0;
  std::uint64_t nodes_run_ = 0;
};

/// Where a shard has each run.
struct Found {
  fs::path folder;  ///< Of the shard.
  RunState state;
};

/// The folder that has `run` done, or a message in `problems`.
std::optional<Found> find_run(const Run& run,
                              const std::vector<std::string>& folders,
                              std::vector<std::string>& problems) {
  std::optional<Found> found;
  std::string why = "is in none of the folders";
  for (const auto& shard : folders) {
    const fs::path folder = fs::path(shard) / run.folder;
    if (!fs::exists(folder)) continue;
    auto state = sweep::state_of(folder, &RunRecord::definition, run.definition);
    if (state.kind != RunState::Kind::Done) {
      why = fmt::format("in {}: {}", shard,
                        !state.record && sweep::read_record(folder)
                            ? "made by another sweep file, or with another --set"
                            : fmt::format("{}{}{}", sweep::name_of(state.kind),
                                          state.problem.empty() ? "" : ": ", state.problem));
      continue;
    }
    if (found && found->state.record->identity != state.record->identity) {
      problems.push_back(fmt::format("{}: {} and {} made it from different inputs", run.label(),
                                     found->folder.string(), shard));
      return std::nullopt;
    }
    if (!found) found = Found{shard, std::move(state)};
  }
  if (!found) problems.push_back(fmt::format("{}: {}", run.label(), why));
  return found;
}

/// Copies the folder of a run; it appears whole.
void copy_run(const Run& run, const Found& found, const fs::path& out) {
  const fs::path target = out / run.folder;
  if (fs::exists(target)) {
    const auto there = sweep::state_of(target, &RunRecord::identity, found.state.record->identity);
    if (there.kind == RunState::Kind::Done) return;
    throw DataError(
        fmt::format("'{}' already holds another result; choose another --out", target.string()));
  }
  fs::create_directories(target.parent_path());
  const fs::path part = target.parent_path() / (target.filename().string() + ".part");
  remove_folder(part);
  fs::copy(found.folder / run.folder, part, fs::copy_options::recursive);
  fs::rename(part, target);
}

void join_stores(const MergeCommand& command, const fs::path& out) {
  const fs::path to = command.store.empty() ? out / kShardStore : fs::path(command.store);
  for (const auto& folder : command.folders) {
    const fs::path from = fs::path(folder) / kShardStore;
    if (!fs::is_directory(from)) {
      fmt::print("no store in {}: only its results are taken\n", folder);
      continue;
    }
    const auto joined = store::join(from, to);
    fmt::print("store of {}: {} results added to {}, {} were there\n", folder, joined.added,
               to.string(), joined.there);
  }
}

}  // namespace

int sweep_status(const SweepCommand& command) {
  const std::atomic<bool> never{false};
  return Sweeper(command, never).status();
}

int run_sweep(const SweepCommand& command, const std::atomic<bool>& stop) {
  return Sweeper(command, stop).run();
}

int merge(const MergeCommand& command) {
  const auto file = read(command.sweep);
  const auto runs = make_runs(file, command.sweep, false);
  const fs::path out = out_folder(command.sweep.file, command.sweep.out);
  for (const auto& folder : command.folders) {
    if (!fs::is_directory(folder))
      throw ConfigError(fmt::format("{}: error: is not a folder", folder));
    if (fs::exists(out) && fs::equivalent(out, folder))
      throw ConfigError(fmt::format("--out {}: error: must not be one of the shards", folder));
  }
  std::vector<std::string> problems;
  std::vector<std::optional<Found>> found;
  found.reserve(runs.size());
  for (const auto& run : runs) found.push_back(find_run(run, command.folders, problems));
  if (!problems.empty()) {
    throw DataError(fmt::format("the shards do not hold the whole sweep, nothing was merged:\n  {}",
                                fmt::join(problems, "\n  ")));
  }
  std::vector<RunState> states;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    copy_run(runs[i], *found[i], out);
    states.push_back(found[i]->state);
  }
  join_stores(command, out);
  const auto table = sweep::table_of(file, runs, states, out);
  sweep::write_tables(table, out);
  fmt::print("{} runs of {} folders in {}: sweep.csv, sweep.md, sweep.html\n", runs.size(),
             command.folders.size(), out.string());
  return kOk;
}

}  // namespace mito::cli
