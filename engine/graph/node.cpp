#include "engine/graph/node.h"

namespace mito::graph {

std::filesystem::path NodeContext::part_folder() const {
  const auto end = node.rfind('.');
  if (end == std::string::npos) return out_folder;
  const auto part = node.substr(0, end);
  auto folder = out_folder / part.substr(part.rfind('.') + 1);  // npos + 1 = 0
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace mito::graph
