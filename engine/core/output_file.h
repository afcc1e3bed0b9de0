#pragma once
#include <string>
#include <vector>

#include "engine/core/payload.h"

namespace mito {

/// A file that a node makes, whole.
struct OutputFile {
  std::string name;  ///< Relative to the output folder of the item; may lie in folders below it.
  std::string bytes;
};
/// Files that are written in this order. The last is the one that stands for all of them: when it
/// is there, the others are.
using OutputFiles = std::vector<OutputFile>;

/// A file that was written into the output folder.
struct FileArtifact {
  std::string path;  ///< Relative to the output folder of the item.
};
template <>
struct Payload<FileArtifact> {
  static constexpr TypeDesc kDesc{"FileArtifact", 1};
};

}  // namespace mito
