#pragma once
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace mito::python {

/// An open file of the system, closed at the end.
class Handle {
 public:
  Handle() = default;
  explicit Handle(int fd) : fd_(fd) {}
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Handle();
  int get() const { return fd_; }
  void close();

 private:
  int fd_ = -1;
};

/// A child process; killed and waited for at the end. In a process group of its own, so that Ctrl-C
/// reaches mitoloom alone, which ends it.
class Process {
 public:
  /// Starts `words` with `fds[i]` as its file 3 + i, or as its standard output where `out` is one.
  /// NumPy's libraries start no threads in it: parallelism belongs to the graph. Throws DataError
  /// when it cannot be started.
  Process(const std::vector<std::string>& words, const std::vector<int>& fds, int out);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  void kill();
  /// Has it ended, at the latest then?
  bool ends_within(std::chrono::milliseconds time) const;
  /// Waits for its end: "was killed by signal 9 (Killed)" or "ended with exit code 3".
  std::string end();

 private:
  pid_t id_ = -1;
};

/// What a program prints. Throws DataError when it cannot be started.
std::string output_of(const std::vector<std::string>& words);

}  // namespace mito::python
