#pragma once
// What nodes know of a pipeline before anything of it is computed.
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "engine/core/seen_files.h"

namespace mito {

/// Something known ahead, of any type; null: nothing is known.
struct Foretold {
  std::shared_ptr<const void> value;
  const std::type_info* type = nullptr;
};

/// What is known at the ports of one node.
class Foresight {
 public:
  virtual ~Foresight() = default;
  /// Is there anything at the port?
  virtual bool connected(std::string_view port) const = 0;
  /// What is known of the value at a port: the File or FileList of an input of the pipeline, when
  /// all its files exist; else what the node that feeds it foretells. Null when that is nothing, or
  /// of another type. Throws what foretelling throws: a file may be read for it.
  template <class T>
  std::shared_ptr<const T> at(std::string_view port) const {
    const Foretold found = look(port);
    if (found.value == nullptr || *found.type != typeid(T)) return nullptr;
    return std::static_pointer_cast<const T>(found.value);
  }

 protected:
  virtual Foretold look(std::string_view port) const = 0;
};

/// The cases that a node measures, and those that what it measures with has seen: no case may be in
/// both, or the measure says nothing about other cases (method 1.4). A file is known by its content
/// where its case goes by another name.
struct Measured {
  struct Seen {
    std::string role;  ///< "training", "tuning"
    std::vector<std::string> cases;
    SeenFiles files = {};
  };
  std::vector<std::string> cases;
  std::vector<Seen> seen = {};
  std::vector<std::filesystem::path> files = {};  ///< One per case, or none.
};

/// Files that will be opened, by item.
struct ForetoldFiles {
  std::vector<std::filesystem::path> paths;
};
/// The case that is stated for each of some files; empty where none is.
struct ForetoldCases {
  std::map<std::filesystem::path, std::string> of;
};

}  // namespace mito
