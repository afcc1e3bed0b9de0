#include "engine/graph/identity.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/graph/inputs.h"
#include "engine/types/inputs.h"

namespace mito::graph {
namespace {

const InputDecl& input_of(const Checked& checked, const Source& source) {
  return checked.pipeline.inputs[static_cast<std::size_t>(source.input)];
}

/// Do the inputs of the pipeline alone say which items there are?
bool lists_items(const CheckedNode& node) {
  return node.type->shape == Shape::Expand && node.layer == Layer::Item &&
         std::ranges::none_of(node.sources, [](const Source& s) { return s.node >= 0; });
}

std::string source_text(const Checked& checked, const Source& source) {
  if (source.node >= 0)
    return fmt::format(" {}", checked.nodes[static_cast<std::size_t>(source.node)].id);
  if (source.input >= 0) return fmt::format(" ${}", input_of(checked, source).name);
  return fmt::format(" -");
}

/// The files an input names, as text; not their content.
std::string names_of(const InputDecl& input) {
  const auto paths = input_paths(input);
  if (input.type == "file") return paths.empty() ? "nothing" : paths.front().string();
  std::string text;
  for (const auto& path : paths) text += path.string() + "\n";
  return text;
}

std::string digest_of(const InputDecl& input, InputDigests& known) {
  const std::string name = fmt::format("{} {}", input.type, names_of(input));
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  return known[name] = input_digest(input);
}

/// The identities of all items of an expand node; an element without one counts by its input.
std::string items_text(const Checked& checked, const CheckedNode& node, InputDigests& known) {
  std::string name = fmt::format("items {}\n", node.canonical);
  std::vector<Data> in;
  for (const auto& source : node.sources) {
    in.push_back(source.connected() ? input_value(input_of(checked, source)) : nullptr);
    if (source.connected()) name += names_of(input_of(checked, source)) + "\n";
  }
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  const Body body = node.params.make();
  const auto& expand = *std::get<std::unique_ptr<ExpandBody>>(body);
  NodeContext context;
  context.node = node.id;
  const auto plan = expand.plan(context, in);
  std::string text;
  for (std::uint32_t k = 0; k < plan.size; ++k) {
    const auto identity = expand.identity(plan, k).value_or(ItemIdentity{});
    text += fmt::format("{} {} {}\n", identity.folder, identity.name, identity.digest);
    if (!identity.digest.empty()) continue;
    for (const auto& source : node.sources)
      if (source.connected()) text += digest_of(input_of(checked, source), known) + "\n";
  }
  return known[name] = text;
}

/// Empty when it has no value, is read by nothing, or cannot be read.
std::string view_digest(const Checked& checked, std::size_t index, InputDigests& known) {
  const auto& input = checked.pipeline.inputs[index];
  if (input_paths(input).empty()) return "";
  const auto reads = [&](const CheckedNode& node) {
    return std::ranges::any_of(node.sources,
                               [&](const Source& s) { return s.input == static_cast<int>(index); });
  };
  const auto& nodes = checked.nodes;
  const auto expanded = std::ranges::find_if(
      nodes, [&](const CheckedNode& node) { return reads(node) && lists_items(node); });
  try {
    if (expanded != nodes.end()) return sha256(items_text(checked, *expanded, known));
    return std::ranges::any_of(nodes, reads) ? digest_of(input, known) : "";
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace

std::vector<InputView> input_views(const Checked& checked, InputDigests& known) {
  std::vector<InputView> views;
  views.reserve(checked.pipeline.inputs.size());
  for (std::size_t i = 0; i < checked.pipeline.inputs.size(); ++i) {
    const auto& input = checked.pipeline.inputs[i];
    const bool has_text =
        input.value && input.value->is_scalar() && input_type(input.type) == nullptr;
    views.push_back({input.name, input.type, has_text ? input.value->scalar : "",
                     input_paths(input), view_digest(checked, i, known)});
  }
  return views;
}

std::string definition_text(const Checked& checked) {
  std::string text;
  for (const auto& node : checked.nodes) {
    text += fmt::format("{} {}{}", node.id, node.canonical, node.keep ? " output" : "");
    for (const auto& source : node.sources) text += source_text(checked, source);
    text += "\n";
  }
  return text;
}

std::string inputs_text(const Checked& checked, InputDigests& known) {
  std::string text;
  for (const auto& node : checked.nodes) {
    if (lists_items(node)) {
      text += fmt::format("{}\n{}", node.id, items_text(checked, node, known));
      continue;
    }
    for (const auto& source : node.sources) {
      if (source.input < 0) continue;
      const auto& input = input_of(checked, source);
      text += fmt::format("{} {}\n", input.name, digest_of(input, known));
    }
  }
  return text;
}

}  // namespace mito::graph
