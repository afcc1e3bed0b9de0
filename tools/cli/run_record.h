#pragma once
#include <filesystem>

#include "engine/graph/graph.h"

namespace mito::cli {

/// Removes the record of an earlier run, so that none stands beside files of another run.
void remove_run_record(const std::filesystem::path& folder);

/// Writes `run.json` into the output folder of a run: program, pipeline, nodes with versions,
/// parameters and connections, inputs with digests, which are read unless `digests` knows them.
/// Written last: what it describes is there. Throws DataError.
void write_run_record(const std::filesystem::path& folder,
                      const mito::graph::Graph& graph,
                      FileDigests& digests);

}  // namespace mito::cli
