#pragma once
#include <filesystem>

namespace mito::bench {

/// A new folder under the temporary one, removed with all that is in it.
class Folder {
 public:
  /// Throws std::runtime_error.
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace mito::bench
