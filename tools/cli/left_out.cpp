#include "tools/cli/left_out.h"

#include <set>
#include <string>

#include <spdlog/spdlog.h>

#include "engine/core/input_files.h"
#include "engine/graph/inputs.h"
#include "nodes/slides/slide/slide_list.h"

namespace mito::cli {

void warn_of_left_out(const mito::graph::Graph& graph) {
  std::set<std::string> lines;
  for (const auto& node : graph.nodes()) {
    if (node.type->info.type != "slide" && node.type->info.type != "slide_pairs") continue;
    for (const auto& [port, source] : node.sources) {
      const auto* input =
          source.starts_with('$') ? graph.pipeline().input(source.substr(1)) : nullptr;
      if (input == nullptr || input->type != "files" || !input->value) continue;
      const auto files = mito::graph::input_value(*input);
      lines.insert(slide_list::left_out_line(*static_cast<const FileList*>(files.get())));
    }
  }
  for (const auto& line : lines)
    if (!line.empty()) spdlog::warn("{}", line);
}

}  // namespace mito::cli
