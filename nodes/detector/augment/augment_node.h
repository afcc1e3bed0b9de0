#pragma once
#include <vector>

#include "engine/graph/graph.h"

namespace mito::nodes {

/// The parameters of a node of the type `augment` with the numbers that its preset stands for
/// (augment::in_effect), in their order; empty for a node of another type.
std::vector<config::ParamRow> augment_numbers_in_effect(const graph::NodeView& node);

}  // namespace mito::nodes
