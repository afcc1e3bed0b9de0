#pragma once
// Node types whose ports and parameters stand in a file that a parameter of the node names.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "engine/config/find_file.h"
#include "engine/graph/node_type.h"

namespace mito::graph {

/// The `bind` of such a type. Called as one, it reads the parameters that all of its nodes have.
struct FileType {
  decltype(NodeType::bind) common;
  /// The type that one node has, by its parameters as they are written, which may be null: its
  /// ports, parameters and content key are those of the file. Null after a message.
  std::function<std::shared_ptr<const NodeType>(
      const config::Value* params, const std::string& owner, Diagnostics& out)>
      of_node;

  BoundParams operator()(const config::Value* params,
                         const std::string& owner,
                         Diagnostics& out) const {
    return common(params, owner, out);
  }
};

/// The file that a parameter names: relative to the file in which it is written, or found as parts
/// are (engine/config/find_file.h); what --set gives, relative to the current folder.
inline std::filesystem::path file_named_by(const config::Value& value) {
  return value.given_by == "--set" ? std::filesystem::path(value.scalar)
                                   : config::find_named_in(value);
}

/// Null for all other types.
inline const FileType* file_type(const NodeType& type) { return type.bind.target<FileType>(); }

}  // namespace mito::graph
