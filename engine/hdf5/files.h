#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/lease.h"

namespace mito::store {

/// Makes a folder and its parents. Throws DataError with the reason.
void make_folder(const std::filesystem::path& folder);

/// Reads a small text file; empty when there is none. Throws DataError when it cannot be read.
std::optional<std::string> read_text(const std::filesystem::path& file);

/// What keeps two processes apart on a file system: locks of two kinds, or files that stand in for
/// them.
enum class Protection : std::uint8_t { Flock, OfdLock, Lease };

/// That of `folder`, tried there. Throws SystemFailure.
Protection protection_in(const std::filesystem::path& folder);

/// An advisory lock on a file, released when destroyed or when the process dies. It is taken with
/// flock; where the file system has none, with an OFD lock (fcntl). Where it has neither, a warning
/// is logged once, shared locks protect nothing, and an exclusive lock is a file `NAME.lease` that
/// says whose it is: that of a dead process of this machine, or one that nobody touched for an
/// hour, is taken over.
class FileLock {
 public:
  enum class Mode : std::uint8_t { Shared, Exclusive };

  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  /// Takes the lock without waiting; empty when somebody else holds it. The file is made when it
  /// does not exist. When it can be neither made nor opened (a store that is only read), a shared
  /// lock comes back not held and an exclusive one throws DataError.
  static std::optional<FileLock> try_lock(const std::filesystem::path& file, Mode mode);

  bool held() const { return descriptor_ >= 0; }
  /// Lets readers in.
  void share();
  /// Sets the file's time to now: when the artefact was last used, and that its writer lives.
  void touch();

 private:
  FileLock(int descriptor, std::optional<Lease> lease)
      : descriptor_(descriptor), lease_(std::move(lease)) {}

  int descriptor_ = -1;
  std::optional<Lease> lease_;  ///< None: the system keeps the lock.
};

}  // namespace mito::store
