#pragma once
#include <filesystem>
#include <string_view>

namespace mito {

/// A file that is complete or absent under its name. It is written under a name of its own that
/// ends in `.part`, in the same folder, which is made new and never through a link; commit()
/// flushes it to disk and renames it. Without that the part is removed, after a kill by the next
/// writer.
class AtomicFile {
 public:
  /// Makes the part, empty. Throws SystemFailure naming the file and the reason.
  explicit AtomicFile(std::filesystem::path target);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// Where to write.
  const std::filesystem::path& part() const { return part_; }
  /// Throws SystemFailure naming the file and the reason.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path part_;
  bool pending_ = true;
};

/// A file that is being written, or that was left when its writer was killed, by its name.
bool is_temporary(const std::filesystem::path& file);

/// Asks the disk to keep a file, or a folder's list of names; nothing where the file system refuses
/// to. Throws SystemFailure.
void sync_to_disk(const std::filesystem::path& path);

/// Syncs `part`, a file or a folder, gives it the name `target` and syncs the folder it is in.
/// Throws SystemFailure.
void publish(const std::filesystem::path& part, const std::filesystem::path& target);

/// Writes `bytes` as the whole content of `target`, by way of an AtomicFile. Throws SystemFailure.
void write_file(const std::filesystem::path& target, std::string_view bytes);

}  // namespace mito
