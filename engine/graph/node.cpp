#include "engine/graph/node.h"

#include "engine/core/atomic_file.h"

namespace mito::graph {

namespace fs = std::filesystem;

fs::path NodeContext::part_folder() const {
  const auto end = node.rfind('.');
  if (end == std::string::npos) return out_folder;
  const auto part = node.substr(0, end);
  auto folder = out_folder / part.substr(part.rfind('.') + 1);  // npos + 1 = 0
  fs::create_directories(folder);
  return folder;
}

namespace detail {

FileArtifact write_files(const fs::path& folder, const OutputFiles& files) {
  for (const auto& file : files) {
    const fs::path path = folder / file.name;
    std::error_code none;  // write_file says what is wrong
    fs::create_directories(path.parent_path(), none);
    write_file(path, file.bytes);
  }
  return {files.back().name};
}

BoundParams bind_fields(const config::FieldList& fields,
                        const NodeInfo& info,
                        const config::Value* map,
                        const std::string& owner,
                        Diagnostics& out) {
  const auto defaults = fields.rows();
  fields.read(map, owner, out);
  BoundParams bound;
  bound.rows = fields.rows();
  bound.concurrency = info.concurrency;
  for (std::size_t i = 0; i < bound.rows.size(); ++i) {
    auto& row = bound.rows[i];
    row.default_value = defaults[i].value;
    const config::Value* given = map == nullptr ? nullptr : map->find(row.name);
    if (given != nullptr) row.set_by = given->given_by.empty() ? "file" : given->given_by;
  }
  bound.canonical = config::canonical(bound.rows);
  return bound;
}

}  // namespace detail

}  // namespace mito::graph
