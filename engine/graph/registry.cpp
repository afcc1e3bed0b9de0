#include <algorithm>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/graph/node_type.h"

namespace mito::graph {
namespace {

using Types = std::vector<std::shared_ptr<const NodeType>>;

std::vector<const TypeDesc*> payloads_of(const NodeType& type) {
  std::vector<const TypeDesc*> found{type.output.type};
  for (const auto& port : type.inputs) found.push_back(port.type);
  return found;
}

/// Edges compare payloads by their address, so a second one of a name would fit nowhere.
void refuse_other_payloads(const NodeType& added, const Types& known) {
  for (const auto* payload : payloads_of(added))
    for (const auto& type : known)
      for (const auto* other : payloads_of(*type))
        if (other != payload && other->name == payload->name)
          throw Error(
              fmt::format("node type '{}': its payload '{}' is another one than that of '{}'",
                          added.info.type, payload->name, type->info.type));
}

std::string origin(const NodeType& type) {
  return type.plugin == nullptr ? "this program" : type.plugin->file.string();
}

}  // namespace

std::shared_ptr<const NodeType> Registry::find(std::string_view type) const {
  const auto it = std::ranges::find(types_, type, [](const auto& t) { return t->info.type; });
  return it == types_.end() ? nullptr : *it;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> out;
  for (const auto& t : types_) out.emplace_back(t->info.type);
  std::ranges::sort(out);
  return out;
}

void Registry::add_plugin(const Registry& others, Plugin plugin) {
  const auto shared = std::make_shared<const Plugin>(std::move(plugin));
  Types added;
  for (const auto& type : others.types_) {
    if (const auto known = find(type->info.type))
      throw Error(
          fmt::format("node type '{}' is there already, from {}", type->info.type, origin(*known)));
    refuse_other_payloads(*type, types_);
    auto own = std::make_shared<NodeType>(*type);
    own->plugin = shared;
    added.push_back(std::move(own));
  }
  types_.insert(types_.end(), added.begin(), added.end());
}

void Registry::insert(NodeType type) {
  if (find(type.info.type) != nullptr)
    throw Error(fmt::format("node type '{}' registered twice", type.info.type));
  Diagnostics none;
  for (const auto& row : type.bind(nullptr, "", none).rows) {
    const auto problem = unit_problem(row.name, row.field);
    if (!problem.empty())
      throw Error(
          fmt::format("node type '{}': parameter '{}': {}", type.info.type, row.name, problem));
  }
  types_.push_back(std::make_shared<const NodeType>(std::move(type)));
}

}  // namespace mito::graph
