#pragma once
// Runs the built `mitoloom` as a person would.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace mito::testing {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A folder of its own, removed at the end of the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "mitoloom-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

/// `arguments` as typed in a shell, in the source folder.
inline Outcome mitoloom(const std::string& arguments) {
  const Folder folder;
  const std::string command = std::string("cd ") + MITO_SOURCE_DIR + " && " + MITO_PROGRAM + " " +
                              arguments + " >" + (folder.path / "out").string() + " 2>" +
                              (folder.path / "err").string() + " </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_file(folder.path / "out"), read_file(folder.path / "err")};
}

}  // namespace mito::testing
