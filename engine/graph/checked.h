#pragma once
// Internal to engine/graph: the checked form of a pipeline that scheduling and execution share.
#include <optional>
#include <string>
#include <vector>

#include "engine/graph/node_type.h"
#include "engine/graph/pipeline.h"

namespace mito::graph {

/// Where a port gets its values: a node of the graph or a pipeline input.
struct Source {
  int node = -1;   ///< Index into Checked::nodes, or
  int input = -1;  ///< index into Checked::pipeline.inputs.
  bool connected() const { return node >= 0 || input >= 0; }
};

struct CheckedNode {
  std::string id;
  std::shared_ptr<const NodeType> type;
  BoundParams params;
  std::vector<Source> sources;  ///< One per port of the type.
  std::vector<int> consumers;   ///< Nodes that read the output.
  Layer layer = Layer::Run;     ///< Of the output.
  Layer in_layer = Layer::Run;  ///< Of the innermost input.
  std::vector<int> path;        ///< Expand nodes entered and not left, outermost first.
  bool store = false;
  bool until_used = false;  ///< Of what is stored: it goes when nobody needs it any more.
  bool keep = false;        ///< Listed under `outputs:`.
  std::string canonical;    ///< Type, version, parameters and payload version, for content keys.

  /// The expand node whose items this node works on; -1 at run level.
  int item_expand() const { return path.empty() ? -1 : path.front(); }
};

struct Checked {
  Pipeline pipeline;
  std::vector<CheckedNode> nodes;  ///< Topological order.
  std::vector<const TypeDesc*> input_types;
};

Checked check(const Pipeline& pipeline,
              const Registry& registry,
              Diagnostics& out,
              bool require_inputs);

}  // namespace mito::graph
