#pragma once
// Internal to engine/graph.
#include <algorithm>
#include <string_view>

#include "engine/graph/pipeline.h"

namespace mito::graph {

/// Would the node be one of a file that could not be included? In their place the reader puts a
/// node without a type. What refers to them gets no message of its own.
inline bool in_failed_include(const Pipeline& pipeline, std::string_view id) {
  return std::ranges::any_of(pipeline.nodes, [&](const NodeDecl& node) {
    return node.use.empty() && id.size() > node.id.size() && id.starts_with(node.id) &&
           id[node.id.size()] == '.';
  });
}

}  // namespace mito::graph
