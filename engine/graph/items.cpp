#include "engine/graph/items.h"

#include <algorithm>

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace mito::graph {

bool lists_items(const CheckedNode& node) {
  return node.type->shape == Shape::Expand && node.layer == Layer::Item &&
         std::ranges::none_of(node.sources, [](const Source& s) { return s.node >= 0; });
}

std::vector<ItemIdentity> identities(const CheckedNode& node,
                                     const ExpandBody& body,
                                     const ExpandBody::Plan& plan,
                                     const std::function<void()>& between) {
  std::vector<ItemIdentity> found(plan.size);
  const auto find = [&](std::uint32_t index) {
    between();
    found[index] = body.identity(plan, index).value_or(ItemIdentity{});
  };
  if (!lists_items(node)) {  // elements computed in memory, one of which may be large
    for (std::uint32_t index = 0; index < plan.size; ++index) find(index);
    return found;
  }
  // Isolated: a thread that waits here must not begin with another node's work.
  oneapi::tbb::this_task_arena::isolate(
      [&] { oneapi::tbb::parallel_for(std::uint32_t{0}, plan.size, find); });
  return found;
}

}  // namespace mito::graph
