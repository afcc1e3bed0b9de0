#pragma once
// Runs the built `mitoloom` as a person would.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace mito::test {

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

/// `arguments` as typed in a shell, in the source folder, after the commands `before`.
inline Outcome mitoloom(const std::string& arguments, const std::string& before = "true") {
  const TempFolder folder;
  const std::string command = std::string("cd ") + MITO_SOURCE_DIR + " && " + before + " && " +
                              MITO_PROGRAM + " " + arguments + " >" +
                              (folder.path() / "out").string() + " 2>" +
                              (folder.path() / "err").string() + " </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_file(folder.path() / "out"), read_file(folder.path() / "err")};
}

/// Starts a run and sends it a signal after a while; returns its exit code, or -1 when killed.
inline int signalled(const std::string& arguments, int signal, std::chrono::milliseconds after) {
  const std::string command =
      std::string("cd ") + MITO_SOURCE_DIR + " && exec " + MITO_PROGRAM + " " + arguments;
  const pid_t child = ::fork();
  if (child == 0) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  std::this_thread::sleep_for(after);
  ::kill(child, signal);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace mito::test
