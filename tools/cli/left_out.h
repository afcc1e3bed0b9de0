#pragma once
#include "engine/graph/graph.h"

namespace mito::cli {

/// Warns once of what the patterns of the pipeline's slides catch beside slides, and is left out.
void warn_of_left_out(const mito::graph::Graph& graph);

}  // namespace mito::cli
