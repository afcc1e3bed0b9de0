#pragma once
// Internal to engine/graph: who the elements of an item-level expansion are.
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/graph/checked.h"
#include "engine/graph/graph.h"
#include "engine/graph/node.h"

namespace mito::graph {

/// The elements of a plan of `size` that a run takes, in the order in which it begins them.
std::vector<std::uint32_t> taken_items(const RunOptions& options, std::uint32_t size);

/// The identities of the elements `taken` of `plan`, which `node` made. Where the elements are
/// files of the run, an identity may mean reading one to its end: then several are found at once,
/// on the threads of the caller's arena. `between` is called before each, from any of them; what it
/// throws ends the search.
std::vector<ItemIdentity> identities(const CheckedNode& node,
                                     const ExpandBody& body,
                                     const ExpandBody::Plan& plan,
                                     std::span<const std::uint32_t> taken,
                                     const std::function<void()>& between);

/// The node whose elements are the items of the pipeline, where inputs alone list them. Throws
/// ConfigError when there is none, or another expansion beside it.
const CheckedNode& cohort_node(const Checked& checked);

/// What `node`, which lists items, makes of the inputs.
struct Listing {
  std::unique_ptr<ExpandBody> body;
  ExpandBody::Plan plan;
};
/// `digests`: of the files; it must outlive the result.
Listing list_items(const Checked& checked, const CheckedNode& node, FileDigests& digests);

/// Do the inputs of the pipeline alone say which items there are?
bool lists_items(const CheckedNode& node);

}  // namespace mito::graph
