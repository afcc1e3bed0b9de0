#include "tools/cli/shown_params.h"

#include <algorithm>

#include "nodes/detector/augment/augment_node.h"
#include "tools/cli/commands.h"

namespace mito::cli {
namespace {

std::string origin_of(const config::ParamRow& row) {
  if (row.value == row.default_value) return std::string(origin_name(row.field.origin));
  if (row.set_by == "file") return "pipeline file";
  return row.set_by == "--set" ? "user (--set)" : row.set_by;
}

bool is_empty(const std::string& value) { return value == "[]" || value == "null"; }

/// What a preset of augmentations says of the parameters that were not given.
void add_preset(std::vector<ShownParam>& shown, const mito::graph::NodeView& node) {
  const auto rows = nodes::augment_numbers_in_effect(node);
  for (auto& one : shown) {
    const auto row = std::ranges::find(rows, one.name, &config::ParamRow::name);
    if (row == rows.end() || !is_empty(one.value)) continue;
    one.in_effect = is_empty(row->value) ? "-" : row->value;
    one.origin = is_empty(row->value) ? "not used" : "preset of operators";
  }
}

}  // namespace

std::vector<ShownParam> shown_params(const mito::graph::NodeView& node) {
  std::vector<ShownParam> out;
  out.reserve(node.params.size());
  for (const auto& row : node.params)
    out.push_back({row.name, row.value, row.default_value, origin_of(row), row.value});
  add_preset(out, node);
  return out;
}

}  // namespace mito::cli
