#include "nodes/exchange/python/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

extern "C" char** environ;

namespace mito::python {
namespace {

constexpr int kFirst = 3;   // of the files that a child is given
constexpr int kAbove = 64;  // none of them lies below this in the parent

std::vector<std::string> environment() {
  std::vector<std::string> all{"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1",
                               "PYTHONHASHSEED=0"};  // the first of a name counts
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
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
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Handle::~Handle() { close(); }

void Handle::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Process::Process(const std::vector<std::string>& words, const std::vector<int>& fds, int out) {
  auto given = words;
  auto variables = environment();
  SpawnSettings settings;
  std::vector<Handle> high;  // a file that lay at 3 to 6 would be overwritten before it is given
  settings.give(out, STDOUT_FILENO);
  for (std::size_t i = 0; i < fds.size(); ++i) {
    high.emplace_back(::fcntl(fds[i], F_DUPFD_CLOEXEC, kAbove));
    settings.give(high.back().get(), kFirst + static_cast<int>(i));
  }
  const int failed =
      ::posix_spawnp(&id_, given[0].c_str(), settings.actions(), settings.attributes(),
                     pointers(given).data(), pointers(variables).data());
  if (failed == 0) return;
  id_ = -1;
  throw DataError(
      fmt::format("cannot start '{}': {}; set MITOLOOM_PYTHON to a Python 3.11 or later", words[0],
                  std::strerror(failed)));
}

Process::~Process() {
  kill();
  end();
}

void Process::kill() {
  if (id_ > 0) ::kill(-id_, SIGKILL);  // its group: what it started, too
}

bool Process::ends_within(std::chrono::milliseconds time) const {
  constexpr std::chrono::milliseconds kLook{10};
  for (auto left = time;; left -= kLook) {
    siginfo_t about{};
    ::waitid(P_PID, static_cast<id_t>(id_), &about, WEXITED | WNOHANG | WNOWAIT);
    if (about.si_pid == id_) return true;
    if (left <= left.zero()) return false;
    std::this_thread::sleep_for(kLook);
  }
}

std::string Process::end() {
  if (id_ <= 0) return {};
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  id_ = -1;
  if (WIFSIGNALED(status))
    return fmt::format("was killed by signal {} ({})", WTERMSIG(status),
                       ::strsignal(WTERMSIG(status)));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

std::string output_of(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw DataError(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  const Handle reading(ends[0]);
  Handle writing(ends[1]);
  Process process(words, {}, writing.get());
  writing.close();
  std::string text;
  std::array<char, 4096> some{};
  for (;;) {
    const auto count = ::read(reading.get(), some.data(), some.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(some.data(), static_cast<std::size_t>(count));
  }
  process.end();
  return text;
}

}  // namespace mito::python
