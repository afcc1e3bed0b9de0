#include "tests/store/store_support.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::store {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPython = "/usr/bin/python3";

}  // namespace

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

bool has_h5py() {
  static const bool found =
      std::system(fmt::format("{} -c 'import h5py' > /dev/null 2>&1", kPython).c_str()) == 0;
  return found;
}

void run_python(const std::string& program, const std::vector<fs::path>& arguments) {
  const test::TempFolder folder;
  std::ofstream(folder / "program.py") << program;
  std::string command = fmt::format("{} '{}'", kPython, (folder / "program.py").string());
  for (const auto& argument : arguments) command += fmt::format(" '{}'", argument.string());
  command += fmt::format(" > '{}' 2>&1", (folder / "output").string());
  const int status = std::system(command.c_str());
  std::ifstream in(folder / "output");
  const std::string output{std::istreambuf_iterator<char>(in), {}};
  ASSERT_EQ(status, 0) << program << "\n" << output;
}

std::string in_child_with_file_limit(std::size_t bytes, const std::function<void()>& work) {
  std::array<int, 2> pipe_ends{};
  if (::pipe(pipe_ends.data()) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::string message = "no error";
    try {
      work();
    } catch (const DataError& error) {
      message = std::string("DataError: ") + error.what();
    } catch (const std::exception& error) {
      message = std::string("another exception: ") + error.what();
    }
    const auto written = ::write(pipe_ends[1], message.data(), message.size());
    ::close(pipe_ends[1]);
    std::exit(written < 0 ? 1 : 0);  // not _exit: HDF5 must also survive its own clean-up
  }
  ::close(pipe_ends[1]);
  std::string message;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::read(pipe_ends[0], buffer.data(), buffer.size())) > 0;)
    message.append(buffer.data(), static_cast<std::size_t>(n));
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fmt::format("child died with status {} after: {}", status, message);
  return message;
}

}  // namespace mito::store
