#pragma once
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace mito {

/// A file that says that a process works on something, for processes of many machines: who makes it
/// has it (O_EXCL), who has it touches it now and then. It works on every file system that has
/// files. A lease is abandoned when its process has died, or, of another machine, when it was not
/// touched for a while, by the clock of the file system. Since results appear by renaming, the
/// worst that two holders of one lease do is work done twice.
class Lease {
 public:
  struct Holder {
    std::string host;
    std::string pid;
  };

  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();  ///< Gives it back.

  /// Takes a lease that is free, or was abandoned for so long; empty when somebody has it. The
  /// folder is made when it is not there. Throws SystemFailure.
  static std::optional<Lease> take(const std::filesystem::path& file,
                                   std::chrono::seconds abandoned);
  /// Who has it; none when it is free or abandoned.
  static std::optional<Holder> holder(const std::filesystem::path& file,
                                      std::chrono::seconds abandoned);

  /// Says that its process lives.
  void touch() const;
  /// Nobody has taken it for abandoned.
  bool is_held() const;

 private:
  explicit Lease(std::filesystem::path file) : file_(std::move(file)) {}
  std::filesystem::path file_;  ///< Empty: given away.
};

/// Name of this machine.
std::string host_name();

}  // namespace mito
