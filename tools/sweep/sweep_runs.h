#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/shard.h"
#include "engine/graph/graph.h"
#include "tools/sweep/sweep_file.h"

namespace mito::sweep {

/// One run of a sweep: a variant with a seed, checked and ready to run.
struct Run {
  std::string variant;
  std::optional<std::int64_t> seed;
  std::filesystem::path folder;  ///< VARIANT/seed-N, or VARIANT; relative to the output folder.
  mito::graph::Graph graph;
  /// Digest of what the sweep file says the run is; it needs no input at hand.
  std::string definition;

  std::string label() const;      ///< "dark, seed 2", for people.
  std::string seed_text() const;  ///< Empty without a seed.
};

/// Builds the pipeline of every variant with every seed, variant by variant. `overrides` are those
/// of the command line; they win over `set:` of the file. Where variants have several pipelines,
/// what is meant for all of them goes to those that have the node or input. `out` is the output
/// folder of the sweep: what the steps of `prepare` wrote lies in it. Throws ConfigError with the
/// problems of all variants, those of the pipeline file with the names of the variants that have
/// them.
std::vector<Run> make_runs(const SweepFile& sweep,
                           const std::vector<mito::graph::Override>& overrides,
                           const mito::graph::Registry& registry,
                           bool require_inputs,
                           const std::filesystem::path& out = {});

/// The run of step `number` of `prepare`, into the folder of its name in `out`. Those of
/// `overrides` that are called STEP/NAME are its. Throws ConfigError, also for a value that names
/// files of a step that does not run before.
Run make_step(const SweepFile& sweep,
              std::size_t number,
              const std::vector<mito::graph::Override>& overrides,
              const mito::graph::Registry& registry,
              bool require_inputs,
              const std::filesystem::path& out = {});

/// The names that some variant sets, in order of first mention: columns of the table.
std::vector<std::string> varied(const SweepFile& sweep);

/// The value in effect of NODE.PARAM or of an input, as text; empty when the run has none.
std::string value_in_effect(const mito::graph::Graph& graph, const std::string& name);

/// Reads "2/3". Throws ConfigError.
Shard parse_shard(const std::string& text);

/// Keeps every `count`-th run, from the `index`-th on.
void keep_shard(std::vector<Run>& runs, const Shard& shard);

}  // namespace mito::sweep
