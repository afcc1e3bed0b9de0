#include "engine/graph/graph.h"

#include <algorithm>
#include <set>

#include <oneapi/tbb/task_arena.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/graph/identity.h"
#include "engine/graph/items.h"
#include "engine/graph/node.h"
#include "engine/graph/outlook.h"
#include "engine/graph/runtime.h"
#include "engine/graph/schedule.h"

namespace mito::graph {

// ------------------------------------------------------------------------------

struct Graph::Impl {
  Checked checked;
};

Graph::Graph(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

Graph Graph::build(const Pipeline& pipeline,
                   const Registry& registry,
                   Diagnostics& out,
                   bool require_inputs) {
  return Graph(std::make_unique<Impl>(Impl{check(pipeline, registry, out, require_inputs)}));
}

std::vector<NodeView> Graph::nodes() const {
  std::vector<NodeView> views;
  for (const auto& n : impl_->checked.nodes) {
    NodeView view{n.id,    n.type, {},           n.params.rows, n.layer,
                  n.store, n.keep, n.until_used, n.params.cost, n.params.cost_of};
    for (std::size_t i = 0; i < n.sources.size(); ++i) {
      const Source& s = n.sources[i];
      if (!s.connected()) continue;
      view.sources.emplace_back(
          n.type->inputs[i].name,
          s.node >= 0
              ? impl_->checked.nodes[static_cast<std::size_t>(s.node)].id
              : "$" + impl_->checked.pipeline.inputs[static_cast<std::size_t>(s.input)].name);
    }
    views.push_back(std::move(view));
  }
  return views;
}

const Pipeline& Graph::pipeline() const { return impl_->checked.pipeline; }

std::string Graph::definition() const { return sha256(definition_text(impl_->checked)); }

std::string Graph::identity(FileDigests& digests) const {
  return sha256(definition_text(impl_->checked) + inputs_text(impl_->checked, digests));
}

std::string Graph::settings(FileDigests& digests) const {
  return sha256(definition_text(impl_->checked) + inputs_text(impl_->checked, digests, false));
}

ItemList Graph::items(FileDigests& digests) const {
  auto listing = list_items(impl_->checked, cohort_node(impl_->checked), digests);
  return ItemList(std::move(listing.body), std::move(listing.plan));
}

bool Graph::has_results_of_all_items() const {
  return std::ranges::any_of(impl_->checked.nodes, [](const CheckedNode& node) {
    return node.type->shape == Shape::Reduce && node.in_layer == Layer::Item;
  });
}

std::vector<InputView> Graph::inputs(FileDigests& digests) const {
  return input_views(impl_->checked, digests);
}

namespace {

/// Calls `ask` with the index of every node and what it can know; a DataError gets the node's name.
template <class Ask>
void ask_nodes(const Checked& checked, const Ask& ask) {
  const Outlook outlook(checked);
  for (std::size_t i = 0; i < checked.nodes.size(); ++i) {
    const auto& node = checked.nodes[i];
    try {
      ask(node, outlook.at(static_cast<int>(i)));
    } catch (const DataError& error) {
      throw DataError(
          fmt::format("node '{}' ({}): {}", node.id, node.type->info.type, error.what()));
    }
  }
}

}  // namespace

std::vector<Graph::CostAhead> Graph::costs_ahead() const {
  std::vector<CostAhead> found;
  ask_nodes(impl_->checked, [&](const CheckedNode& node, const Foresight& ahead) {
    if (node.params.cost_ahead) found.push_back({node.id, node.params.cost_ahead(ahead)});
  });
  return found;
}

void Graph::look_at_measured(const std::function<void(const Measured&)>& look) const {
  ask_nodes(impl_->checked, [&](const CheckedNode& node, const Foresight& ahead) {
    if (!node.params.measures) return;
    if (const auto measured = node.params.measures(ahead)) look(*measured);
  });
}

std::vector<std::string> Graph::warnings() const {
  Outlook outlook(impl_->checked);
  std::set<std::string> lines;
  for (std::size_t i = 0; i < impl_->checked.nodes.size(); ++i) {
    const auto& node = impl_->checked.nodes[i];
    if (!node.params.warnings) continue;
    for (auto& line : node.params.warnings(outlook.at(static_cast<int>(i))))
      lines.insert(std::move(line));
  }
  return {lines.begin(), lines.end()};
}

RunReport Graph::run(const RunOptions& options) {
  if (options.only) cohort_node(impl_->checked);
  return execute(impl_->checked, options);
}

Survey Graph::survey(const RunOptions& options, const Look& look_at, const Wanted& wanted) {
  const auto between = [&options] {
    if (options.stop != nullptr && options.stop->load()) throw Interrupted("interrupted");
  };
  const Checked& checked = impl_->checked;
  const Schedule schedule(checked, options);
  Survey survey;
  const auto look = [&](const Scope& scope, int i) {
    const auto& n = checked.nodes[static_cast<std::size_t>(i)];
    Survey::Node node{n.id, scope.action(i), scope.describe(i, 1), schedule.stored(i)};
    return node;
  };
  for (std::size_t i = 0; i < checked.nodes.size(); ++i) {
    const auto& n = checked.nodes[i];
    const int index = static_cast<int>(i);
    if (n.layer == Layer::Run) survey.run_nodes.push_back(look(*schedule.run_scope(), index));
    if (n.type->shape != Shape::Expand || n.layer != Layer::Item) continue;
    if (!schedule.demanded_by_items(index)) continue;
    survey.expand = n.id;
    std::vector<Data> in;
    bool known = true;
    for (const auto& source : n.sources) {
      if (source.node >= 0) {
        known = false;
        survey.unknown = fmt::format("the items of '{}' are known only when '{}' has run", n.id,
                                     checked.nodes[static_cast<std::size_t>(source.node)].id);
        break;
      }
      if (source.input < 0) {
        in.emplace_back();
        continue;
      }
      in.push_back(schedule.input_data(source.input));
    }
    if (!known) {
      for (const auto& inner : checked.nodes)
        if (inner.item_expand() == index) survey.unknown_nodes.push_back(inner.id);
      continue;
    }
    const Body body = n.params.make();
    const auto& expand = *std::get<std::unique_ptr<ExpandBody>>(body);
    NodeContext context;
    context.node = n.id;
    context.digests = &schedule.digests();
    const auto plan = expand.plan(context, in);
    std::vector<std::shared_ptr<Scope>> scopes;
    oneapi::tbb::task_arena arena(options.threads > 0 ? options.threads
                                                      : oneapi::tbb::task_arena::automatic);
    const auto taken = taken_items(options, plan.size);
    for (auto& identity :
         arena.execute([&] { return identities(n, expand, plan, taken, between); }))
      scopes.push_back(schedule.item_scope(index, taken[scopes.size()], std::move(identity)));
    schedule.set_items(index, scopes);
    for (std::size_t k = 0; k < taken.size(); ++k) {
      between();
      Survey::Item item;
      item.identity = scopes[k]->identity();
      for (std::size_t j = 0; j < checked.nodes.size(); ++j) {
        if (checked.nodes[j].item_expand() == index)
          item.nodes.push_back(look(*scopes[k], static_cast<int>(j)));
      }
      if (!wanted || wanted(item)) {
        try {
          const Data element = expand.element(plan, taken[k]);
          if (look_at) look_at(survey.items.size(), item, n.type->output.type, element);
        } catch (const std::exception& e) {
          item.problem = explain(e);
        }
      }
      survey.items.push_back(std::move(item));
    }
  }
  return survey;
}

}  // namespace mito::graph
