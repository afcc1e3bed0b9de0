#include "tools/bench/folder.h"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

namespace mito::bench {

Folder::Folder() {
  auto name = (std::filesystem::temp_directory_path() / "mitoloom-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace mito::bench
