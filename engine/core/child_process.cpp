#include "engine/core/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/errno_text.h"
#include "engine/core/system_failure.h"

namespace mito {
namespace {

[[noreturn]] void fail(const std::filesystem::path& program, int code) {
  throw SystemFailure(fmt::format("the program {} cannot be run: {}", program.filename().string(),
                                  errno_text(code)));
}

void limit(int resource, std::uint64_t value) {
  const rlimit both{value, value};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

}  // namespace

ChildProcess::ChildProcess(const std::filesystem::path& program,
                           const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(program, errno);
  output_ = ends[0];
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t files{};
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  // A group of its own: Ctrl-C is for us, who may still want what it has to say.
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t none{};
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  const int code =
      ::posix_spawn(&process_, program.c_str(), &files, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  ::close(ends[1]);
  if (code == 0) return;
  ::close(output_);
  fail(program, code);
}

int ChildProcess::wait() {
  if (status_) return *status_;
  ::close(output_);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  return *(status_ = status);
}

std::string argument_of(const std::filesystem::path& file) {
  return (file.is_absolute() ? file : "." / file).string();
}

void limit_this_process([[maybe_unused]] std::uint64_t bytes, std::uint64_t seconds) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CPU, seconds);
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MITO_SANITIZED
#endif
#endif
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(MITO_SANITIZED)
  limit(RLIMIT_AS, bytes);
#endif
}

}  // namespace mito
