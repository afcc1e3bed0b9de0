#pragma once
// Internal to engine/graph: who the elements of an item-level expansion are.
#include <functional>
#include <vector>

#include "engine/graph/checked.h"
#include "engine/graph/node.h"

namespace mito::graph {

/// The identities of all elements of `plan`, which `node` made. Where the elements are files of the
/// run, an identity may mean reading one to its end: then several are found at once, on the threads
/// of the caller's arena. `between` is called before each, from any of them; what it throws ends
/// the search.
std::vector<ItemIdentity> identities(const CheckedNode& node,
                                     const ExpandBody& body,
                                     const ExpandBody::Plan& plan,
                                     const std::function<void()>& between);

/// Do the inputs of the pipeline alone say which items there are?
bool lists_items(const CheckedNode& node);

}  // namespace mito::graph
