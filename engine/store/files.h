#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace mito::store {

/// "No space left on device": the text of an errno value.
std::string errno_text(int code);

/// Makes a folder and its parents. Throws DataError with the reason.
void make_folder(const std::filesystem::path& folder);

/// Asks the disk to keep a file (or a folder's list of names). Throws DataError with the reason.
void sync(const std::filesystem::path& path);

/// Syncs `temporary`, renames it to `target` and syncs the folder. Throws DataError.
void publish(const std::filesystem::path& temporary, const std::filesystem::path& target);

/// Writes a small text file by way of a temporary name. Throws DataError.
void write_text(const std::filesystem::path& target, std::string_view text);

/// Reads a small text file; empty when there is none. Throws DataError when it cannot be read.
std::optional<std::string> read_text(const std::filesystem::path& file);

/// An advisory lock on a file (flock), released when destroyed or when the process dies.
class FileLock {
 public:
  enum class Mode { Shared, Exclusive };

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
  /// Sets the file's time to now: when the artefact was last used.
  void touch();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace mito::store
