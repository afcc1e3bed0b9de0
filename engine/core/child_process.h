#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace mito {

/// An open file of the system, closed at the end.
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~OpenFile() { close(); }
  int get() const { return descriptor_; }
  void close();

 private:
  int descriptor_ = -1;
};

/// What a child process finds when it begins.
struct ChildSurroundings {
  /// Where its standard output goes: to output(), or beside its errors.
  enum class Output : std::uint8_t { Read, WithErrors };
  /// Its errors are those of this process, or go nowhere.
  enum class Errors : std::uint8_t { Ours, Nowhere };
  Output output = Output::Read;
  Errors errors = Errors::Nowhere;
  std::vector<std::string> environment = {};  ///< NAME=value, beside or instead of ours.
  std::vector<int> files = {};                ///< Descriptors that are its files 3, 4, ...
};

/// Another program at work, in a process group of its own, so that Ctrl-C is for this process
/// alone, which ends it: the group is killed and waited for when this goes.
class ChildProcess {
 public:
  /// `program` is looked for in PATH when it is a mere name. Throws SystemFailure when it cannot be
  /// run.
  ChildProcess(const std::filesystem::path& program,
               const std::vector<std::string>& arguments,
               const ChildSurroundings& surroundings = {});
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// The descriptor from which its standard output is read, where it goes there.
  int output() const { return output_.get(); }
  /// Ends it and whatever it started.
  void kill() const;
  /// Has it ended, at the latest then?
  bool ends_within(std::chrono::milliseconds time) const;
  /// Waits until it has ended, and says how it did, as waitpid() does. No output is read after
  /// that.
  int wait();

 private:
  pid_t process_ = -1;
  OpenFile output_;
  std::optional<int> status_;
};

/// "was killed by signal 9 (Killed)" or "ended with exit code 3".
std::string how_it_ended(int status);

/// What the file is called as an argument: never like an option.
std::string argument_of(const std::filesystem::path& file);

/// Limits of the own process that is to read what nobody trusts: bytes of address space (but for
/// programs built with sanitizers, which reserve terabytes) and seconds of a processor; it writes
/// neither files nor a core.
void limit_this_process(std::uint64_t bytes, std::uint64_t seconds);

}  // namespace mito
