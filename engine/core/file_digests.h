#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

namespace mito {

/// SHA-256 digests of files, each file read once for as long as it does not change. What tells a
/// change is that of the system: device, inode, size, time of the content, time of the inode
/// (docs/store.md says what that can miss).
///
/// With a journal, digests outlive the process. It is a text file that several processes may append
/// to at once: a line that is torn, damaged or of another kind is not there, and the worst that a
/// lost line does is that a file is read once more. A file that changed less than two seconds
/// before it was read is not written down, because a change within the same tick of the clock would
/// leave no trace. All members may be called from several threads at once.
class FileDigests {
 public:
  enum class Trust : std::uint8_t {
    Journal,  ///< A digest in the journal is that of the file.
    Nothing,  ///< Every file is read once by this process, and the journal is put right.
  };

  /// Remembers for as long as it lives.
  FileDigests() = default;
  /// Remembers in the file `journal` too, which is made with its folder when there is something to
  /// write down. When it cannot be written, a warning is logged once.
  explicit FileDigests(std::filesystem::path journal, Trust trust = Trust::Journal);
  FileDigests(const FileDigests&) = delete;
  FileDigests& operator=(const FileDigests&) = delete;
  ~FileDigests() = default;

  /// SHA-256 of the bytes of `file`. Two threads that ask for one file read it once. Throws
  /// DataError naming the file when it cannot be read, or changed while it was read.
  std::string of(const std::filesystem::path& file);

  /// How many files and bytes were read so far because nothing was known of them.
  std::uint64_t files_read() const { return files_; }
  std::uint64_t bytes_read() const { return bytes_; }
  /// Bytes of the files that are being read now.
  std::uint64_t bytes_in_progress() const { return in_progress_; }

 private:
  /// Device, inode, size, time of the content and of the inode in nanoseconds.
  using FileId =
      std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>;
  struct Known {
    std::mutex reading;  ///< Held while the file is read.
    std::string digest;  ///< Empty: not known yet.
    bool checked = false;
  };

  static FileId id_of(const std::filesystem::path& file);
  static std::string line_of(const FileId& id, const std::string& digest);
  std::string read(const std::filesystem::path& file, const FileId& id, const std::string& before);
  void load();
  void compact(const std::map<FileId, std::pair<std::uint64_t, std::string>>& lines) const;
  void append(const FileId& id, const std::string& digest);

  std::filesystem::path journal_;  ///< Empty: none.
  Trust trust_ = Trust::Journal;
  std::mutex mutex_;  ///< Of what follows; never held while a file is read.
  std::map<FileId, std::shared_ptr<Known>> known_;
  bool warned_ = false;
  std::atomic<std::uint64_t> files_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> in_progress_{0};
};

}  // namespace mito
