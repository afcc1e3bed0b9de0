#pragma once
#include <string>
#include <vector>

#include "engine/graph/graph.h"

namespace mito::cli {

/// A parameter of a node as `params` shows it.
struct ShownParam {
  std::string name;
  std::string value;          ///< As it was given.
  std::string default_value;  ///< Of the node type.
  std::string origin;         ///< Whose value it is: the paper's, ours, or of whoever changed it.
  std::string in_effect;  ///< What it comes to where other parameters decide, such as the numbers
                          ///< of a preset of augmentations; else `value`.
};

/// Every parameter of a node, in the order of its type.
std::vector<ShownParam> shown_params(const mito::graph::NodeView& node);

}  // namespace mito::cli
