#include "tools/cli/arguments.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <system_error>

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "engine/core/error.h"
#include "engine/core/memory_limit.h"
#include "engine/core/text.h"
#include "tools/cli/commands.h"
#include "tools/cli/completion.h"
#include "tools/cli/output.h"
#include "tools/cli/revision.h"
#include "tools/cli/view_command.h"

namespace mito::cli {
namespace {

void pipeline_options(CLI::App& command, PipelineOptions& options) {
  command.add_option("pipeline", options.file, "Pipeline file (YAML)")->required();
  command.add_option("--set", options.set, "NODE.PARAM=VALUE or INPUT=VALUE; may be repeated")
      ->take_all()
      ->type_name("NAME=VALUE");
  command.add_option("--preset", options.preset, "One of the sets of values the file offers");
}

void plugins(CLI::App& command) {
  command
      .add_option("--plugin", named_plugins(),
                  "Shared library with node types of your own; may be repeated (others: "
                  "$MITOLOOM_PLUGINS)")
      ->allow_extra_args(false)
      ->take_all()
      ->type_name("FILE");
}

void verify_inputs(CLI::App& command, bool& verify) {
  command.add_flag("--verify-inputs", verify,
                   "Read input files again, whatever is remembered of their content");
}

void ignore_disk(CLI::App& command, bool& ignore) {
  command.add_flag("--ignore-disk", ignore,
                   "Start even where less room is free than `plan` says is needed");
}

void run_options(CLI::App& command, RunCommand& run) {
  pipeline_options(command, run.pipeline);
  command.add_option("--out", run.out, "Output folder (default: out/<pipeline>)");
  command.add_option("--store", run.store,
                     "Store of cached results (default: $MITOLOOM_STORE, else .mitoloom/store)");
  command.add_flag("--no-store", run.no_store, "Neither use nor keep cached results");
  verify_inputs(command, run.verify_inputs);
  command.add_option("-j,--jobs", run.jobs, "Worker threads (default: one per core)")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--json", run.json, "Print the result as JSON");
}

void resources_and_progress(CLI::App& command,
                            std::string& memory,
                            std::string& device,
                            std::string& progress,
                            double& stall_s) {
  command
      .add_option("--memory", memory,
                  "Keep fewer tiles and slides on their way when they would take more than this "
                  "(default: $MITOLOOM_MEMORY, else what the machine or the job has)")
      ->type_name("SIZE");
  command.add_option("--device", device, "Where networks run")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  command.add_option("--progress", progress, "How to show progress")
      ->check(CLI::IsMember({"auto", "bar", "plain", "json", "off"}));
  command.add_option("--stall", stall_s, "Warn when nothing moves for so many seconds; 0: never");
}

void sweep_options(CLI::App& command, SweepOptions& options) {
  command.add_option("sweep", options.file, "Sweep file (YAML)")->required();
  command
      .add_option("--set", options.set,
                  "NODE.PARAM=VALUE or INPUT=VALUE of all variants; may be repeated")
      ->take_all()
      ->type_name("NAME=VALUE");
  command.add_option("--preset", options.preset, "One of the presets of the sweep file");
  command.add_option("--out", options.out, "Output folder (default: out/<sweep>)");
}

void view_options(CLI::App& command, ViewCommand& view) {
  command
      .add_option("paths", view.paths,
                  "The output folder of a run, one slide or many, and slides; slides alone")
      ->required();
  command.add_option("--port", view.port, "Port of 127.0.0.1 (default: one that is free)")
      ->check(CLI::Range(1, 65535));
  command.add_option("--store", view.store,
                     "Where a run that goes on keeps its map (default: as for run)");
  command.add_option("--mpp", view.mpp, "um per pixel of slides that do not say it")
      ->check(CLI::PositiveNumber);
}

void diff_options(CLI::App& command, DiffCommand& diff) {
  command.add_option("run_a", diff.a, "Output folder of a run")->required();
  command.add_option("run_b", diff.b, "Output folder of another")->required();
  command.add_option("--out", diff.out, "Write the difference into this folder, too");
  command
      .add_option("--radius-um", diff.radius_um,
                  "Detections this close can be the same (default: 7.5)")
      ->check(CLI::Range(0.01, 250.0));
  command
      .add_option("--moved-um", diff.moved_um,
                  "A pair farther apart than this has moved (default: 1)")
      ->check(CLI::Range(0.0, 250.0));
  command
      .add_option("--score", diff.score,
                  "Scores that differ by so much have changed (default: 0.01)")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--truth", diff.truth,
                     "CSV of true mitoses (default: what both runs were given)");
  command.add_option("--mpp", diff.mpp, "um per level-0 pixel, where the runs do not say it")
      ->check(CLI::Range(0.01, 100.0));
  command.add_flag("--json", diff.json, "Print the difference as JSON");
}

/// A word that is no command gets the nearest one; empty when it is one.
std::string unknown_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  if (std::ranges::find(names, word) != names.end()) return {};
  return fmt::format("no command '{}'{}", word, did_you_mean(word, names));
}

int report(const std::exception& error, int code) {
  const auto* system = dynamic_cast<const std::system_error*>(&error);
  if (system != nullptr && system->code() == std::errc::broken_pipe)
    return code;  // nobody reads on
  std::fprintf(stderr, "%s\n",
               code == kUsage ? error.what() : ("error: " + explain(error)).c_str());
  return code;
}

/// The exit code of a command, with a line about what stopped it.
int finished(const std::function<int()>& command) {
  try {
    const int code = command();
    flush_printed();
    return code;
  } catch (const ConfigError& e) {
    return report(e, kUsage);
  } catch (const Interrupted& e) {
    return report(e, kInterrupted);
  } catch (const std::exception& e) {
    return report(e, kFailed);
  }
}

}  // namespace

int main(int argc, const char* const* argv, const std::atomic<bool>& stop) {
  auto log = spdlog::stderr_color_mt("mitoloom");
  log->set_pattern("%^%l%$: %v");
  spdlog::set_default_logger(log);

  CLI::App app{
      "mitoloom finds mitotic figures in whole-slide images of breast tissue and grades the "
      "tumour.\nResearch use only: not a medical device."};
  app.set_version_flag("--version", "mitoloom " + version_text());
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 all well, 1 failed, 2 wrong usage or pipeline, 3 some slides or runs failed, "
      "75 stopped by SIGTERM or SIGUSR1: try again, 130 interrupted.");
  std::function<int()> action;

  RunCommand run;
  auto* run_app = app.add_subcommand("run", "Run a pipeline");
  run_options(*run_app, run);
  resources_and_progress(*run_app, run.memory, run.device, run.progress, run.stall_s);
  run_app->add_flag("--keep-going", run.keep_going, "A failing slide does not stop the others");
  run_app
      ->add_option("--shard", run.shard,
                   "Work as task I of N that share --out and --store; auto: as Slurm's array says")
      ->type_name("I/N");
  run_app
      ->add_option("--give-up-after", run.most_lost,
                   "With --shard: a slide at which so many processes ended one after another "
                   "without a word has failed; 0: it never has")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->capture_default_str();
  run_app
      ->add_option("--stage", run.stage,
                   "Copy slides to this folder on a near disk, the next while one is computed")
      ->type_name("DIR");
  ignore_disk(*run_app, run.ignore_disk);
  run_app->callback([&] {
    action = [&] {
      set_memory_budget(run.memory);
      return cli::run(run, stop);
    };
  });

  RunCommand plan;
  auto* plan_app = app.add_subcommand("plan", "Say what a run, or every run of a sweep, would do");
  run_options(*plan_app, plan);
  plan_app->add_flag("--slides", plan.slides, "List every slide, where there are many");
  plan_app->callback([&] { action = [&] { return cli::plan(plan, stop); }; });

  SweepCommand sweep;
  auto* sweep_app = app.add_subcommand("sweep", "Run the variants of a pipeline with their seeds");
  sweep_options(*sweep_app, sweep.sweep);
  sweep_app->add_option("--store", sweep.store,
                        "Store that all runs share (default: as for run; of a shard OUT/store)");
  sweep_app->add_option("--shard", sweep.shard, "Run part I of N only, for `merge`")
      ->type_name("I/N");
  verify_inputs(*sweep_app, sweep.verify_inputs);
  ignore_disk(*sweep_app, sweep.ignore_disk);
  sweep_app->add_flag("--status", sweep.status, "Say how far every run is; run nothing");
  sweep_app->add_option("-j,--jobs", sweep.jobs, "Worker threads (default: one per core)")
      ->check(CLI::Range(1, 1024));
  resources_and_progress(*sweep_app, sweep.memory, sweep.device, sweep.progress, sweep.stall_s);
  sweep_app->callback([&] {
    action = [&] {
      set_memory_budget(sweep.memory);
      return sweep.status ? sweep_status(sweep) : run_sweep(sweep, stop);
    };
  });

  MergeCommand merged;
  auto* merge_app = app.add_subcommand("merge", "Join the shards of a sweep");
  sweep_options(*merge_app, merged.sweep);
  merge_app->add_option("folders", merged.folders, "Output folders of the shards")->required();
  merge_app->add_option("--store", merged.store, "Joined store (default: OUT/store)");
  merge_app->callback([&] { action = [&] { return merge(merged); }; });

  ViewCommand viewed;
  auto* view_app = app.add_subcommand("view", "Show slides and results in a browser");
  view_options(*view_app, viewed);
  view_app->callback([&] { action = [&] { return cli::view(viewed, stop); }; });

  DiffCommand compared;
  auto* diff_app = app.add_subcommand("diff", "Say how the results of two runs differ");
  diff_options(*diff_app, compared);
  diff_app->callback([&] { action = [&] { return cli::diff(compared); }; });

  PipelineOptions checked;
  auto* validate_app = app.add_subcommand("validate", "Check a pipeline or sweep file");
  pipeline_options(*validate_app, checked);
  validate_app->callback([&] { action = [&] { return validate(checked); }; });

  bool json = false;
  bool markdown = false;
  PipelineOptions listed;
  auto* params_app = app.add_subcommand("params",
                                        "List every parameter of a pipeline: the paper's, our "
                                        "choice, or the user's; of a sweep, those "
                                        "in which its variants differ");
  pipeline_options(*params_app, listed);
  params_app->add_flag("--json", json, "Print JSON");
  params_app->callback([&] { action = [&] { return params(listed, json); }; });

  auto* nodes_app = app.add_subcommand("nodes", "List the node types");
  nodes_app->add_flag("--json", json, "Print JSON");
  nodes_app->callback([&] { action = [&] { return nodes(json); }; });

  std::string name;
  auto* describe_app = app.add_subcommand("describe", "Describe a node type: ports and parameters");
  describe_app->add_option("node", name, "Node type")->required();
  describe_app->add_flag("--json", json, "Print its JSON Schema");
  describe_app->add_flag("--markdown", markdown, "Print the page of docs/nodes");
  describe_app->callback([&] { action = [&] { return describe(name, json, markdown); }; });

  PipelineOptions drawn;
  std::string format = "dot";
  auto* graph_app = app.add_subcommand("graph", "Draw a pipeline");
  pipeline_options(*graph_app, drawn);
  graph_app->add_option("--format", format, "dot, svg (needs Graphviz) or mermaid")
      ->check(CLI::IsMember({"dot", "svg", "mermaid"}));
  graph_app->callback([&] { action = [&] { return graph(drawn, format); }; });

  std::string schemas = "schemas";
  std::string docs;
  bool check = false;
  auto* schema_app = app.add_subcommand("schema", "Write the JSON Schemas of pipelines and nodes");
  schema_app->add_option("folder", schemas, "Where to (default: schemas)");
  schema_app->add_option("--docs", docs, "Also write the generated pages into this folder");
  schema_app->add_flag("--check", check, "Write nothing; fail when a file is out of date");
  schema_app->callback([&] { action = [&] { return schema(schemas, docs, check); }; });

  std::string root;
  std::string key;
  bool deep = false;
  bool dry_run = false;
  double keep_days = -1;
  double max_gib = -1;
  auto* store_app = app.add_subcommand("store", "Look after cached results");
  store_app->require_subcommand(1);
  store_app->add_option("--store", root,
                        "Store folder (default: $MITOLOOM_STORE, else .mitoloom/store)");
  auto* ls = store_app->add_subcommand("ls", "List what is stored");
  ls->add_flag("--json", json, "Print JSON");
  ls->callback([&] { action = [&] { return store_list(root, json); }; });
  auto* show = store_app->add_subcommand("show", "Show one artefact and how it was made");
  show->add_option("key", key, "Content key or its beginning")->required();
  show->callback([&] { action = [&] { return store_show(root, key); }; });
  auto* why = store_app->add_subcommand("why", "Say how an artefact differs from its relatives");
  why->add_option("key", key, "Content key or its beginning")->required();
  why->callback([&] { action = [&] { return store_why(root, key); }; });
  auto* verify = store_app->add_subcommand("verify", "Check every artefact");
  verify->add_flag("--deep", deep, "Also read everything back");
  verify->callback([&] { action = [&] { return store_verify(root, deep); }; });
  auto* gc = store_app->add_subcommand("gc", "Remove what was not used for long");
  gc->add_option("--keep-days", keep_days, "Remove what was not used for so many days");
  gc->add_option("--max-gib", max_gib, "Remove the longest unused until so much is left");
  gc->add_flag("--dry-run", dry_run, "Only say what would be removed");
  gc->callback([&] { action = [&] { return store_gc(root, keep_days, max_gib, dry_run); }; });

  std::vector<std::string> stores;
  auto* merge_stores = store_app->add_subcommand("merge", "Add what other stores have");
  merge_stores->add_option("stores", stores, "Store folders")->required();
  merge_stores->callback([&] { action = [&] { return store_merge(root, stores); }; });

  for (auto* sub : {ls, show, why, verify, gc, merge_stores})
    sub->fallthrough();  // --store may stand at the end

  std::string cohort_out;
  bool watch = false;
  bool mixed = false;
  bool all = false;
  auto* cohort_app = app.add_subcommand("cohort", "Look after a run of many slides");
  cohort_app->require_subcommand(1);
  auto* status_app = cohort_app->add_subcommand("status", "Say how far every slide is");
  status_app->add_flag("--json", json, "Print JSON");
  status_app->add_flag("--watch", watch, "Say it every 5 s until all slides are done");
  status_app->callback(
      [&] { action = [&] { return cohort_status(cohort_out, json, watch, stop); }; });
  auto* table_app =
      cohort_app->add_subcommand("table", "Write cohort.csv, cohort.json and cohort.html");
  table_app->add_flag("--mixed", mixed,
                      "Also of slides by different models, thresholds or pipelines");
  table_app->callback([&] { action = [&] { return cohort_table(cohort_out, mixed); }; });
  auto* retry_app = cohort_app->add_subcommand("retry", "Let failed slides be tried again");
  retry_app->add_flag("--all", all, "Also those that failed by what they hold");
  retry_app->callback([&] { action = [&] { return cohort_retry(cohort_out, all); }; });
  for (auto* sub : {status_app, table_app, retry_app})
    sub->add_option("out", cohort_out, "Output folder of the run")->required();

  std::vector<std::string> models;
  auto* model_app = app.add_subcommand("model", "Look after model files");
  model_app->require_subcommand(1);
  auto* seal = model_app->add_subcommand("seal", "Add the digest of its content to a model file");
  seal->add_option("file", models, "Model files")->required();
  seal->callback([&] { action = [&] { return model_seal(models); }; });

  auto* doctor_app = app.add_subcommand("doctor", "Check this installation");
  doctor_app->add_flag("--json", json, "Print JSON");
  doctor_app->add_option("--store", root,
                         "Also try what a store does in this folder: locks, renaming, 64 MB");
  doctor_app->callback([&] { action = [&] { return doctor(root, json); }; });

  auto* man_app = app.add_subcommand("man", "Print a manual page");
  std::string page = "mitoloom";
  man_app->add_option("page", page, "Which page (default: mitoloom)")
      ->check(CLI::IsMember({"mitoloom", "mitoloom-nodes"}));
  man_app->callback([&] {
    action = [&] {
      fmt::print("{}", page == "mitoloom" ? manual(app) : nodes_manual());
      return kOk;
    };
  });

  for (auto* command : {run_app, plan_app, sweep_app, merge_app, diff_app, validate_app, params_app,
                        nodes_app, describe_app, graph_app, schema_app, doctor_app, man_app})
    plugins(*command);

  std::vector<std::string> words;
  auto* complete_app = app.add_subcommand("complete", "Say how a command line may go on");
  complete_app->group("");  // for shells (tools/completions), not for people
  complete_app->add_option("words", words, "Words of the line, the last to be completed");
  complete_app->callback([&] {
    action = [&] {
      const auto found = completions(app, words);
      for (const auto& word : found.words) fmt::print("{}\n", word);
      if (found.files) fmt::print("@files\n");
      return kOk;
    };
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return finished([&] { return app.exit(e); });
  } catch (const CLI::ParseError& e) {
    const std::string problem = argc > 1 && argv[1][0] != '-' ? unknown_command(app, argv[1]) : "";
    if (!problem.empty()) {
      std::fprintf(stderr, "%s\nRun with --help for more information.\n", problem.c_str());
    } else {
      app.exit(e);
    }
    return kUsage;
  }
  return finished(action);
}

}  // namespace mito::cli
