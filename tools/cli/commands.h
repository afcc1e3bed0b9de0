#pragma once
// The commands of `mitoloom`. Each returns the process's exit code and prints results on stdout.
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/file_digests.h"
#include "engine/graph/graph.h"

namespace mito::cli {

/// Exit codes (documented in the README).
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kSomeFailed = 3;
inline constexpr int kTryAgain = 75;  ///< Stopped by SIGTERM or SIGUSR1; EX_TEMPFAIL of sysexits.h.
inline constexpr int kInterrupted = 130;

/// What `run`, `plan`, `validate` and `graph` have in common.
struct PipelineOptions {
  std::string file;
  std::string preset;  ///< Empty: none.
  std::vector<std::string> set;
};

struct RunCommand {
  PipelineOptions pipeline;
  std::string out;    ///< Empty: out/<name of the pipeline file>.
  std::string store;  ///< Empty: $MITOLOOM_STORE, else .mitoloom/store.
  bool no_store = false;
  bool verify_inputs = false;  ///< Read input files again, whatever is remembered of them.
  int jobs = 0;
  std::string device = "auto";
  std::string memory;  ///< "8G": budget; empty: $MITOLOOM_MEMORY, else what there is.
  bool keep_going = false;
  std::string stage;         ///< Folder on a near disk for copies of slides; empty: none are made.
  std::string shard;         ///< "2/3" or "auto": one of several tasks; empty: all slides.
  int most_lost = 3;         ///< cohort::Tasks::most_lost.
  bool ignore_disk = false;  ///< Start even where there is less room than the run needs.
  std::string progress = "auto";  ///< auto, bar, plain, json, off
  double stall_s = 300;
  bool json = false;
  bool slides = false;  ///< Of `plan`: say of each slide what is done, also of many.
};

/// What `sweep` and `merge` have in common.
struct SweepOptions {
  std::string file;
  std::string preset;  ///< Empty: none.
  std::vector<std::string> set;
  std::string out;  ///< Empty: out/<name of the sweep file>.
};

struct SweepCommand {
  SweepOptions sweep;
  std::string store;  ///< Empty: as for `run`; of a shard OUT/store.
  std::string shard;  ///< "2/3"; empty: all runs.
  bool status = false;
  bool verify_inputs = false;  ///< As for `run`.
  bool ignore_disk = false;    ///< The same.
  int jobs = 0;
  std::string memory;  ///< As for `run`.
  std::string device = "auto";
  std::string progress = "auto";
  double stall_s = 300;
};

struct MergeCommand {
  SweepOptions sweep;
  std::vector<std::string> folders;  ///< Output folders of the shards.
  std::string store;                 ///< Empty: OUT/store.
};

/// Two output folders of runs to compare.
struct DiffCommand {
  std::string a;
  std::string b;
  std::string out;    ///< Folder to write the difference into; empty: nothing is written.
  std::string truth;  ///< Points of true mitoses; empty: those the runs were given.
  double radius_um = 7.5;
  double moved_um = 1;
  double score = 0.01;
  double mpp = 0;  ///< um per level-0 pixel where the runs do not say it; 0: not given.
  bool json = false;
};

int run(const RunCommand& command, const std::atomic<bool>& stop);

/// Says how two runs differ (docs/diff.md).
int diff(const DiffCommand& command);

/// Runs every variant of a sweep with every seed (docs/sweeps.md).
int run_sweep(const SweepCommand& command, const std::atomic<bool>& stop);
/// Says how far every run of a sweep is.
int sweep_status(const SweepCommand& command);
/// Joins the output folders of the shards of a sweep.
int merge(const MergeCommand& command);

/// Says how far the run in `out` is; with `watch` again and again until it is done.
int cohort_status(const std::string& out, bool json, bool watch, const std::atomic<bool>& stop);
/// Writes cohort.csv, cohort.json and cohort.html into `out`.
int cohort_table(const std::string& out, bool mixed);
/// Lets failed slides be tried again.
int cohort_retry(const std::string& out, bool all);

int plan(const RunCommand& command, const std::atomic<bool>& stop);
int validate(const PipelineOptions& options);

/// Lists every parameter of a pipeline with its value and where that comes from.
int params(const PipelineOptions& options, bool json);

/// Lists node types, with paper sections and summaries.
int nodes(bool json);
int describe(const std::string& node, bool json, bool markdown);
int graph(const PipelineOptions& options, const std::string& format);

/// Writes (or with `check` compares) schemas/*.schema.json and docs/nodes/, docs/paper_map.md.
int schema(const std::filesystem::path& schemas, const std::filesystem::path& docs, bool check);

int store_list(const std::string& root, bool json);
int store_show(const std::string& root, const std::string& key);
int store_why(const std::string& root, const std::string& key);
int store_verify(const std::string& root, bool deep);
int store_gc(const std::string& root, double keep_days, double max_gib, bool dry_run);
/// Copies what the stores `folders` have and the store `root` has not.
int store_merge(const std::string& root, const std::vector<std::string>& folders);

/// Adds to model files the digest of their content that load_model checks.
int model_seal(const std::vector<std::string>& files);

/// Checks this installation, and what the file system of the store `root` can do, unless that is
/// empty.
int doctor(const std::string& root, bool json);

/// Whose value a default is: "paper" or "our choice".
std::string_view origin_name(Origin origin);

/// The files that --plugin names: filled by the command line, before registry() is asked first.
std::vector<std::string>& named_plugins();

/// All node types, of this program and of its plug-ins. Throws ConfigError for a plug-in that
/// cannot be used.
const mito::graph::Registry& registry();

/// What was given with --set. Throws ConfigError.
std::vector<mito::graph::Override> overrides_of(const std::vector<std::string>& set);

/// Reads and checks a pipeline; throws ConfigError with every problem.
mito::graph::Graph load(const PipelineOptions& options, bool require_inputs);

/// The store folder that an option, $MITOLOOM_STORE or the default names.
std::filesystem::path store_root(const std::string& option);

/// Digests of input files, remembered in the store at `root`; in memory only without one (empty).
std::unique_ptr<FileDigests> file_digests(const std::filesystem::path& root, bool verify_inputs);

}  // namespace mito::cli
