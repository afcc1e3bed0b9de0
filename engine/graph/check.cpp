#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"
#include "engine/graph/checked.h"
#include "engine/graph/failed_include.h"
#include "engine/graph/file_type.h"
#include "engine/graph/inputs.h"
#include "engine/graph/node.h"
#include "engine/graph/pipeline_keys.h"

namespace mito::graph {
namespace {

/// Static description of an edge: what travels, how often, and which expansions it descends from.
struct Edge {
  const TypeDesc* type = nullptr;
  Layer layer = Layer::Run;
  std::vector<int> path;
  std::set<int> history;  // every expand node anywhere upstream
  bool known = false;     // false: its producer has an error of its own
};

std::string_view layer_name(Layer layer) {
  return layer == Layer::Run ? "run" : layer == Layer::Item ? "item" : "part";
}

class Checker {
 public:
  Checker(const Pipeline& pipeline, const Registry& registry, Diagnostics& out)
      : registry_(registry), out_(out) {
    checked_.pipeline = pipeline;
    checked_.input_types.resize(pipeline.inputs.size(), nullptr);
  }

  Checked finish(bool require_inputs) {
    const Pipeline& pipeline = checked_.pipeline;
    find_types();
    for (const int d : sorted_declarations()) add(pipeline.nodes[static_cast<std::size_t>(d)], d);
    mark_outputs();
    refuse_unused();
    for (const auto& input : pipeline.inputs) check_input(input, require_inputs, out_);
    return std::move(checked_);
  }

 private:
  void find_types() {
    for (const auto& decl : checked_.pipeline.nodes) {
      auto type = registry_.find(decl.use);
      if (type == nullptr && !decl.use.empty()) {
        out_.add(decl.use_pos, fmt::format("node '{}': no node type '{}'{}", decl.id, decl.use,
                                           did_you_mean(decl.use, registry_.names())));
      }
      if (const auto* by_file = type == nullptr ? nullptr : file_type(*type); by_file != nullptr)
        type = by_file->of_node(decl.params.is_null() ? nullptr : &decl.params,
                                fmt::format("node '{}'", decl.id), out_);
      types_.push_back(std::move(type));
    }
  }

  int declared(const std::string& id) const {
    const auto& nodes = checked_.pipeline.nodes;
    const auto it = std::ranges::find(nodes, id, &NodeDecl::id);
    return it == nodes.end() ? -1 : static_cast<int>(it - nodes.begin());
  }

  /// Definition order does not matter: a depth-first visit of the sources. Loops are reported.
  std::vector<int> sorted_declarations() {
    const auto& nodes = checked_.pipeline.nodes;
    std::vector<int> order;
    std::vector<int> mark(nodes.size(), 0);  // 1: on the way, 2: done
    std::vector<int> way;
    const std::function<void(int)> visit = [&](int i) {
      const auto u = static_cast<std::size_t>(i);
      if (mark[u] == 2) return;
      if (mark[u] == 1) {
        std::string loop;
        for (auto it = std::ranges::find(way, i); it != way.end(); ++it)
          loop += fmt::format("{} -> ", nodes[static_cast<std::size_t>(*it)].id);
        out_.add(nodes[u].pos, fmt::format("node '{}' needs its own result: {}{}", nodes[u].id,
                                           loop, nodes[u].id));
        return;
      }
      mark[u] = 1;
      way.push_back(i);
      for (const auto& ref : nodes[u].in) {
        const int source = declared(ref.source);
        if (source >= 0) visit(source);
      }
      way.pop_back();
      mark[u] = 2;
      order.push_back(i);
    };
    for (std::size_t i = 0; i < nodes.size(); ++i) visit(static_cast<int>(i));
    return order;
  }

  std::vector<std::string> source_names() const {
    std::vector<std::string> names;
    for (const auto& node : checked_.pipeline.nodes) names.push_back(node.id);
    for (const auto& input : checked_.pipeline.inputs) names.push_back("$" + input.name);
    return names;
  }

  void add(const NodeDecl& decl, int index) {
    const auto type = types_[static_cast<std::size_t>(index)];
    if (type == nullptr) return;
    CheckedNode node;
    node.id = decl.id;
    node.type = type;
    node.store = decl.store;
    node.until_used = decl.until_used;
    const std::string owner = fmt::format("node '{}'", decl.id);
    node.params = type->bind(decl.params.is_null() ? nullptr : &decl.params, owner, out_);
    if (type->plugin != nullptr)
      node.params.canonical =
          fmt::format("plugin={};{}", type->plugin->digest, node.params.canonical);
    node.canonical =
        fmt::format("{}@{}({})->{}@{}", type->info.type, type->info.version, node.params.canonical,
                    type->output.type->name, type->output.type->version);
    std::vector<Edge> in;
    bool complete = connect(decl, *type, owner, node.sources, in);
    Edge out{type->output.type, Layer::Run, {}, {}, true};
    complete = complete && settle_layers(decl, *type, owner, node, in, out);
    if (decl.store) check_store(decl, *type, owner);

    out.known = complete;
    node.layer = out.layer;
    const int self = static_cast<int>(checked_.nodes.size());
    if (type->shape == Shape::Expand && complete) {
      out.path.push_back(self);
      out.history.insert(self);
    }
    node.path = out.path;
    for (const auto& source : node.sources) {
      if (source.node >= 0) {
        auto& consumers = checked_.nodes[static_cast<std::size_t>(source.node)].consumers;
        if (std::ranges::find(consumers, self) == consumers.end()) consumers.push_back(self);
      }
    }
    edges_.push_back(std::move(out));
    place_[decl.id] = self;
    checked_.nodes.push_back(std::move(node));
  }

  bool connect(const NodeDecl& decl,
               const NodeType& type,
               const std::string& owner,
               std::vector<Source>& sources,
               std::vector<Edge>& in) {
    bool complete = true;
    std::vector<std::string> port_names;
    for (const auto& port : type.inputs) port_names.emplace_back(port.name);
    for (const auto& ref : decl.in) {
      if (std::ranges::find(port_names, ref.port) != port_names.end()) continue;
      std::string hint = did_you_mean(ref.port, port_names);
      if (hint.empty() && !port_names.empty())
        hint = fmt::format("; it has {}", fmt::join(port_names, ", "));
      out_.add(ref.port_pos,
               fmt::format("{} ({}) has no input '{}'{}", owner, type.info.type, ref.port, hint));
    }
    for (const auto& port : type.inputs) {
      const auto ref = std::ranges::find(decl.in, port.name, &PortRef::port);
      Source source;
      Edge edge;
      if (ref == decl.in.end()) {
        if (!port.optional) {
          out_.add(decl.pos, fmt::format("{}: input '{}' ({}) is not connected", owner, port.name,
                                         port.type->name));
          complete = false;
        }
      } else if (!resolve(*ref, port, owner, source, edge)) {
        complete = false;
      }
      sources.push_back(source);
      in.push_back(std::move(edge));
    }
    // Without an input a node that has some would never be called.
    if (complete && !sources.empty() && std::ranges::none_of(sources, &Source::connected)) {
      out_.add(decl.pos, fmt::format("{}: connect at least one of its inputs: {}", owner,
                                     fmt::join(port_names, ", ")));
      complete = false;
    }
    return complete;
  }

  bool resolve(
      const PortRef& ref, const Port& port, const std::string& owner, Source& source, Edge& edge) {
    const auto& inputs = checked_.pipeline.inputs;
    if (ref.source.starts_with('$')) {
      const auto it = std::ranges::find(inputs, ref.source.substr(1), &InputDecl::name);
      if (it == inputs.end()) return false;  // already reported by the reader
      if (it->optional && !it->value) {
        if (port.optional) return true;  // left unconnected
        out_.add(ref.pos, fmt::format("{}: input '{}' needs a value, but '{}' is optional", owner,
                                      port.name, ref.source));
        return false;
      }
      source.input = static_cast<int>(it - inputs.begin());
      edge = {input_type(it->type), Layer::Run, {}, {}, true};
      auto& seen = checked_.input_types[static_cast<std::size_t>(source.input)];
      if (edge.type == nullptr) edge.type = seen != nullptr ? seen : port.type;
      seen = edge.type;
    } else {
      if (declared(ref.source) < 0) {
        if (in_failed_include(checked_.pipeline, ref.source)) return false;  // reported there
        out_.add(ref.pos,
                 fmt::format("{}: input '{}' refers to '{}', which is not a node{}", owner,
                             port.name, ref.source, did_you_mean(ref.source, source_names())));
        return false;
      }
      const auto it = place_.find(ref.source);
      if (it == place_.end()) return false;  // its own error is already listed
      source.node = it->second;
      edge = edges_[static_cast<std::size_t>(it->second)];
    }
    if (edge.type != port.type) {
      out_.add(ref.pos, fmt::format("{}: input '{}' expects {}, but '{}' produces {}", owner,
                                    port.name, port.type->name, ref.source, edge.type->name));
      return false;
    }
    return edge.known;
  }

  /// Granularity: the innermost input decides; every other input must enclose it.
  bool settle_layers(const NodeDecl& decl,
                     const NodeType& type,
                     const std::string& owner,
                     CheckedNode& node,
                     const std::vector<Edge>& in,
                     Edge& out) {
    bool fine = true;
    const auto where = [&](std::size_t port) {
      const auto ref = std::ranges::find(decl.in, type.inputs[port].name, &PortRef::port);
      return ref == decl.in.end() ? decl.pos : ref->pos;
    };
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (!node.sources[i].connected()) continue;
      if (in[i].path.size() > out.path.size()) out.path = in[i].path;
      out.layer = std::max(out.layer, in[i].layer);
      out.history.insert(in[i].history.begin(), in[i].history.end());
    }
    if (type.shape == Shape::Reduce && !in.empty() && in[0].layer < out.layer) {
      out_.add(
          where(0),
          fmt::format("{}: reduces '{}', which has one value per {}, but another input "
                      "has one per {}",
                      owner, type.inputs[0].name, layer_name(in[0].layer), layer_name(out.layer)));
      return false;
    }
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (!node.sources[i].connected()) continue;
      if (!std::equal(in[i].path.begin(), in[i].path.end(), out.path.begin())) {
        out_.add(where(i),
                 fmt::format("{}: inputs come from different streams ('{}' and '{}'); "
                             "reduce one of them first",
                             owner, name_of(in[i].path.back()), name_of(out.path.back())));
        fine = false;
        continue;
      }
      for (std::size_t level = in[i].path.size(); level < out.path.size(); ++level) {
        if (!in[i].history.contains(out.path[level])) continue;
        out_.add(
            where(i),
            fmt::format("{}: input '{}' is computed from the same '{}' stream it would "
                        "accompany; add a second '{}' node after it",
                        owner, type.inputs[i].name, name_of(out.path[level]),
                        checked_.nodes[static_cast<std::size_t>(out.path[level])].type->info.type));
        fine = false;
        break;
      }
    }
    node.in_layer = out.layer;
    if (type.shape == Shape::Expand) {
      if (out.layer == Layer::Part) {
        out_.add(decl.pos, owner + " expands a part; only runs and items have parts");
        return false;
      }
      out.layer = static_cast<Layer>(static_cast<int>(out.layer) + 1);
    } else if (type.shape == Shape::Reduce && fine) {
      if (out.layer == Layer::Run) {
        out_.add(decl.pos,
                 owner +
                     " reduces a stream, but its input has one value per run; connect what an "
                     "expanding node (such as 'slide' or 'tiles') leads to");
        return false;
      }
      out.layer = enclosing(out.layer);
      out.path.pop_back();
    }
    return fine;
  }

  void check_store(const NodeDecl& decl, const NodeType& type, const std::string& owner) {
    if (type.shape == Shape::Expand || !type.encode) {
      out_.add(decl.store_pos, fmt::format("{}: a {} cannot be stored; remove 'store'", owner,
                                           type.output.type->name));
    }
  }

  std::string name_of(int node) const { return checked_.nodes[static_cast<std::size_t>(node)].id; }

  void mark_outputs() {
    for (const auto& output : checked_.pipeline.outputs) {
      const auto it = place_.find(output.node);
      if (it == place_.end()) {
        if (declared(output.node) >= 0 || in_failed_include(checked_.pipeline, output.node))
          continue;
        std::vector<std::string> names;
        for (const auto& node : checked_.pipeline.nodes) names.push_back(node.id);
        out_.add(output.pos, fmt::format("output '{}' is not a node{}", output.node,
                                         did_you_mean(output.node, names)));
        continue;
      }
      auto& node = checked_.nodes[static_cast<std::size_t>(it->second)];
      if (node.layer == Layer::Part || node.type->shape == Shape::Expand) {
        out_.add(output.pos, fmt::format("output '{}' is a stream; reduce it first", output.node));
        continue;
      }
      if (node.until_used) {
        const auto& decl = checked_.pipeline.nodes[static_cast<std::size_t>(declared(output.node))];
        out_.add(decl.store_pos,
                 fmt::format("node '{}' is an output, which stays; expected 'store: yes', got "
                             "'store: {}'",
                             decl.id, kUntilUsed));
      }
      node.keep = true;
    }
  }

  void refuse_unused() {
    std::set<std::string> wanted;
    for (const auto& decl : checked_.pipeline.nodes)
      for (const auto& ref : decl.in) wanted.insert(ref.source);
    for (const auto& output : checked_.pipeline.outputs) wanted.insert(output.node);
    const auto& decls = checked_.pipeline.nodes;
    for (std::size_t i = 0; i < decls.size(); ++i) {
      if (types_[i] == nullptr || types_[i]->info.sink || wanted.contains(decls[i].id)) continue;
      out_.add(decls[i].pos,
               fmt::format("node '{}': nothing uses its result; connect it, list it under "
                           "'outputs', or remove it",
                           decls[i].id));
    }
  }

  Checked checked_;
  const Registry& registry_;
  Diagnostics& out_;
  std::vector<std::shared_ptr<const NodeType>> types_;  // by declaration
  std::map<std::string, int> place_;                    // id -> index in checked_.nodes
  std::vector<Edge> edges_;                             // by index in checked_.nodes
};

}  // namespace

Checked check(const Pipeline& pipeline,
              const Registry& registry,
              Diagnostics& out,
              bool require_inputs) {
  return Checker(pipeline, registry, out).finish(require_inputs);
}

}  // namespace mito::graph
