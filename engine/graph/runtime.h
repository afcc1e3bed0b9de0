#pragma once
#include "engine/graph/checked.h"
#include "engine/graph/graph.h"

namespace mito::graph {

/// Executes a checked pipeline on a oneTBB flow graph; what Graph::run does.
RunReport execute(const Checked& checked, const RunOptions& options);

}  // namespace mito::graph
