#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace mito {

/// A program of ours at work, for what may end its process: its standard output is read, its errors
/// go nowhere, Ctrl-C is not for it. It is waited for when this goes.
class ChildProcess {
 public:
  /// Throws SystemFailure when `program` cannot be run.
  ChildProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() { wait(); }

  /// The descriptor from which its standard output is read.
  int output() const { return output_; }
  /// Waits until it has ended, and says how it did, as waitpid() does. No output is read after
  /// that.
  int wait();

 private:
  pid_t process_ = -1;
  int output_ = -1;
  std::optional<int> status_;
};

/// What the file is called as an argument: never like an option.
std::string argument_of(const std::filesystem::path& file);

/// Limits of the own process that is to read what nobody trusts: bytes of address space (but for
/// programs built with sanitizers, which reserve terabytes) and seconds of a processor; it writes
/// neither files nor a core.
void limit_this_process(std::uint64_t bytes, std::uint64_t seconds);

}  // namespace mito
