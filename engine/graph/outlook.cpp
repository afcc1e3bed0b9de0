#include "engine/graph/outlook.h"

#include <algorithm>

#include "engine/core/input_files.h"
#include "engine/graph/inputs.h"
#include "engine/graph/node.h"

namespace mito::graph {

namespace fs = std::filesystem;

/// The ports of one node.
class Outlook::Sight final : public Foresight {
 public:
  Sight(Outlook& outlook, const CheckedNode& node) : outlook_(outlook), node_(node) {}

  bool connected(std::string_view port) const override { return source(port).connected(); }

 private:
  Source source(std::string_view port) const {
    const auto& ports = node_.type->inputs;
    const auto found = std::ranges::find(ports, port, &Port::name);
    return found == ports.end() ? Source{}
                                : node_.sources[static_cast<std::size_t>(found - ports.begin())];
  }
  Foretold look(std::string_view port) const override { return outlook_.of_source(source(port)); }

  Outlook& outlook_;
  const CheckedNode& node_;
};

Outlook::Outlook(const Checked& checked) : checked_(checked), told_(checked.nodes.size()) {
  for (const auto& node : checked.nodes) sights_.push_back(std::make_unique<Sight>(*this, node));
}

Outlook::~Outlook() = default;

const Foresight& Outlook::at(int node) const { return *sights_[static_cast<std::size_t>(node)]; }

Foretold Outlook::of_source(const Source& source) {
  if (source.node >= 0) return of_node(source.node);
  if (source.input < 0) return {};
  const auto& input = checked_.pipeline.inputs[static_cast<std::size_t>(source.input)];
  const auto* type = input_type(input.type);
  if (type == nullptr) return {};
  const auto files = input_paths(input);
  if (files.empty() || !std::ranges::all_of(files, [](const fs::path& f) { return fs::exists(f); }))
    return {};
  return {input_value(input), type == type_of<File>() ? &typeid(File) : &typeid(FileList)};
}

Foretold Outlook::of_node(int index) {
  auto& told = told_[static_cast<std::size_t>(index)];
  if (told) return *told;
  const auto& node = checked_.nodes[static_cast<std::size_t>(index)];
  const Foresight& ahead = at(index);
  Foretold found;
  if (node.params.foretell) {
    found = node.params.foretell(ahead);
  } else if (node.params.measures) {
    if (auto measured = node.params.measures(ahead))
      found = detail::foretold(std::make_shared<const Measured>(std::move(*measured)));
  } else if (node.type->shape == Shape::Map) {
    const auto& ports = node.type->inputs;
    const auto same = std::ranges::find(ports, node.type->output.type, &Port::type);
    if (same != ports.end())
      found = of_source(node.sources[static_cast<std::size_t>(same - ports.begin())]);
  }
  told = found;
  return found;
}

}  // namespace mito::graph
