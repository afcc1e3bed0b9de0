#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/graph/node_type.h"

namespace mito::graph {

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
