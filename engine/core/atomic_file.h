#pragma once
#include <filesystem>
#include <string_view>

namespace mito {

/// A file that is complete or absent under its name. It is written under a name of its own that
/// ends in `.part`, in the same folder; commit() flushes it to disk and renames it. Without
/// commit() the part is removed.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// Where to write.
  const std::filesystem::path& part() const { return part_; }
  /// Throws DataError naming the file and the reason.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path part_;
  bool pending_ = true;
};

/// A file that is being written, or that was left when its writer was killed, by its name.
bool is_temporary(const std::filesystem::path& file);

/// Writes `bytes` as the whole content of `target`, by way of an AtomicFile. Throws DataError.
void write_file(const std::filesystem::path& target, std::string_view bytes);

}  // namespace mito
