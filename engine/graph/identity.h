#pragma once
// Internal to engine/graph: what two runs must have in common to write the same files.
#include <string>
#include <vector>

#include "engine/graph/checked.h"
#include "engine/graph/graph.h"

namespace mito::graph {

/// One line per node: name, type, version, parameters that change results, connections.
std::string definition_text(const Checked& checked);

/// One line per input that a node reads: the identities of the items it is expanded to, left out
/// unless `with_items`, or the digest of its files.
std::string inputs_text(const Checked& checked, FileDigests& digests, bool with_items = true);

/// See Graph::inputs().
std::vector<InputView> input_views(const Checked& checked, FileDigests& digests);

}  // namespace mito::graph
