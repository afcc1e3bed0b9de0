#include "engine/graph/identity.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/input_files.h"
#include "engine/graph/inputs.h"
#include "engine/graph/items.h"

namespace mito::graph {
namespace {

const InputDecl& input_of(const Checked& checked, const Source& source) {
  return checked.pipeline.inputs[static_cast<std::size_t>(source.input)];
}

std::string source_text(const Checked& checked, const Source& source) {
  if (source.node >= 0)
    return fmt::format(" {}", checked.nodes[static_cast<std::size_t>(source.node)].id);
  if (source.input >= 0) return fmt::format(" ${}", input_of(checked, source).name);
  return fmt::format(" -");
}

/// The identities of all items of an expand node; an element without one counts by its input.
std::string items_text(const Checked& checked, const CheckedNode& node, FileDigests& digests) {
  const auto listing = list_items(checked, node, digests);
  const auto all = taken_items({}, listing.plan.size);
  std::string text;
  for (const auto& identity : identities(node, *listing.body, listing.plan, all, [] {})) {
    text += fmt::format("{} {} {}\n", identity.folder, identity.name, identity.digest);
    if (!identity.digest.empty()) continue;
    for (const auto& source : node.sources)
      if (source.connected()) text += input_digest(input_of(checked, source), digests) + "\n";
  }
  return text;
}

/// Empty when it has no value, is read by nothing, or cannot be read.
std::string view_digest(const Checked& checked, std::size_t index, FileDigests& digests) {
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
    if (expanded != nodes.end()) return sha256(items_text(checked, *expanded, digests));
    return std::ranges::any_of(nodes, reads) ? input_digest(input, digests) : "";
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace

std::vector<InputView> input_views(const Checked& checked, FileDigests& digests) {
  std::vector<InputView> views;
  views.reserve(checked.pipeline.inputs.size());
  for (std::size_t i = 0; i < checked.pipeline.inputs.size(); ++i) {
    const auto& input = checked.pipeline.inputs[i];
    const bool has_text =
        input.value && input.value->is_scalar() && input_type(input.type) == nullptr;
    views.push_back({input.name, input.type, has_text ? input.value->scalar : "",
                     input_paths(input), view_digest(checked, i, digests)});
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

std::string inputs_text(const Checked& checked, FileDigests& digests, bool with_items) {
  std::string text;
  for (const auto& node : checked.nodes) {
    if (lists_items(node)) {
      if (with_items) text += fmt::format("{}\n{}", node.id, items_text(checked, node, digests));
      continue;
    }
    for (const auto& source : node.sources) {
      if (source.input < 0) continue;
      const auto& input = input_of(checked, source);
      text += fmt::format("{} {}\n", input.name, input_digest(input, digests));
    }
  }
  return text;
}

}  // namespace mito::graph
