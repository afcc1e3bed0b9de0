#include "engine/core/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <thread>

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

constexpr int kFirst = 3;   // of the files that a child is given
constexpr int kAbove = 64;  // none of them lies below this while they are given

[[noreturn]] void fail(const std::filesystem::path& program, int code) {
  throw SystemFailure(fmt::format("the program {} cannot be run: {}", program.filename().string(),
                                  errno_text(code)));
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> with_own_environment(const std::vector<std::string>& given) {
  const auto name = [](std::string_view entry) { return entry.substr(0, entry.find('=')); };
  auto all = given;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::ranges::find(given, name(*entry), name) == given.end()) all.emplace_back(*entry);
  return all;
}

class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t usual;
    sigemptyset(&usual);
    posix_spawnattr_setsigmask(&attributes_, &usual);
    for (const int number : {SIGINT, SIGTERM, SIGUSR1, SIGPIPE}) sigaddset(&usual, number);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  void give(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void silence(int descriptor) {
    posix_spawn_file_actions_addopen(&actions_, descriptor, "/dev/null", O_WRONLY, 0);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

void limit(int resource, std::uint64_t value) {
  const rlimit both{value, value};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

}  // namespace

void OpenFile::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

ChildProcess::ChildProcess(const std::filesystem::path& program,
                           const std::vector<std::string>& arguments,
                           const ChildSurroundings& surroundings) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto environment = with_own_environment(surroundings.environment);
  SpawnSettings settings;
  if (surroundings.errors == ChildSurroundings::Errors::Nowhere) settings.silence(STDERR_FILENO);
  OpenFile writing;
  if (surroundings.output == ChildSurroundings::Output::Read) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(program, errno);
    output_ = OpenFile(ends[0]);
    writing = OpenFile(ends[1]);
    settings.give(writing.get(), STDOUT_FILENO);
  } else {
    settings.give(STDERR_FILENO, STDOUT_FILENO);
  }
  std::vector<OpenFile> high;  // a file that lay at 3 to 6 would be overwritten before it is given
  for (std::size_t i = 0; i < surroundings.files.size(); ++i) {
    high.emplace_back(::fcntl(surroundings.files[i], F_DUPFD_CLOEXEC, kAbove));
    settings.give(high.back().get(), kFirst + static_cast<int>(i));
  }
  const int code =
      ::posix_spawnp(&process_, words[0].c_str(), settings.actions(), settings.attributes(),
                     pointers(words).data(), pointers(environment).data());
  if (code == 0) return;
  process_ = -1;
  fail(program, code);
}

ChildProcess::~ChildProcess() {
  kill();
  wait();
}

void ChildProcess::kill() const {
  if (!status_) ::kill(-process_, SIGKILL);
}

bool ChildProcess::ends_within(std::chrono::milliseconds time) const {
  constexpr std::chrono::milliseconds kLook{10};
  for (auto left = time; !status_; left -= kLook) {
    siginfo_t about{};
    ::waitid(P_PID, static_cast<id_t>(process_), &about, WEXITED | WNOHANG | WNOWAIT);
    if (about.si_pid == process_) return true;
    if (left <= left.zero()) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

int ChildProcess::wait() {
  if (status_) return *status_;
  output_.close();
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  return *(status_ = status);
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("was killed by signal {} ({})", WTERMSIG(status),
                       ::strsignal(WTERMSIG(status)));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status));
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
