#include "engine/graph/items.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/graph/inputs.h"

namespace mito::graph {

bool lists_items(const CheckedNode& node) {
  return node.type->shape == Shape::Expand && node.layer == Layer::Item &&
         std::ranges::none_of(node.sources, [](const Source& s) { return s.node >= 0; });
}

const CheckedNode& cohort_node(const Checked& checked) {
  const CheckedNode* found = nullptr;
  const auto fail = [&](const std::string& why) {
    throw ConfigError(fmt::format("{}: error: its items cannot be dealt to tasks: {}",
                                  checked.pipeline.file, why));
  };
  for (const auto& node : checked.nodes) {
    if (node.type->shape != Shape::Expand || node.layer != Layer::Item) continue;
    if (!lists_items(node))
      fail(fmt::format("those of '{}' are known only when other nodes have run", node.id));
    if (found != nullptr) fail(fmt::format("both '{}' and '{}' have items", found->id, node.id));
    found = &node;
  }
  if (found == nullptr) fail("no node has any");
  return *found;
}

Listing list_items(const Checked& checked, const CheckedNode& node, FileDigests& digests) {
  std::vector<Data> in;
  for (const auto& source : node.sources)
    in.push_back(source.connected()
                     ? input_value(checked.pipeline.inputs[static_cast<std::size_t>(source.input)])
                     : nullptr);
  Body body = node.params.make();
  auto expand = std::move(std::get<std::unique_ptr<ExpandBody>>(body));
  NodeContext context;
  context.node = node.id;
  context.digests = &digests;
  auto plan = expand->plan(context, in);
  return {std::move(expand), std::move(plan)};
}

ItemList::ItemList(std::unique_ptr<ExpandBody> body, ExpandBody::Plan plan)
    : body_(std::move(body)), plan_(std::move(plan)) {
  names_.reserve(plan_.size);
  for (std::uint32_t item = 0; item < plan_.size; ++item) {
    auto name = body_->listed(plan_, item);
    if (!name) throw ConfigError("its items cannot be dealt to tasks: they have no names");
    names_.push_back(std::move(*name));
  }
}

std::string ItemList::digest(std::uint32_t item) const {
  return body_->identity(plan_, item).value_or(ItemIdentity{}).digest;
}

std::vector<std::uint32_t> taken_items(const RunOptions& options, std::uint32_t size) {
  if (options.only) return *options.only;
  std::vector<std::uint32_t> all(size);
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

std::vector<ItemIdentity> identities(const CheckedNode& node,
                                     const ExpandBody& body,
                                     const ExpandBody::Plan& plan,
                                     std::span<const std::uint32_t> taken,
                                     const std::function<void()>& between) {
  std::vector<ItemIdentity> found(taken.size());
  const auto find = [&](std::size_t place) {
    between();
    found[place] = body.identity(plan, taken[place]).value_or(ItemIdentity{});
  };
  if (!lists_items(node)) {  // elements computed in memory, one of which may be large
    for (std::size_t place = 0; place < taken.size(); ++place) find(place);
    return found;
  }
  // Isolated: a thread that waits here must not begin with another node's work.
  oneapi::tbb::this_task_arena::isolate(
      [&] { oneapi::tbb::parallel_for(std::size_t{0}, taken.size(), find); });
  return found;
}

}  // namespace mito::graph
