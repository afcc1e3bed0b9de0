#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace mito::store {

/// What a patch file holds: `count` RGB patches of `size_px` x `size_px`, and a text that says
/// which ones they are.
struct PatchFileInfo {
  std::string identity;
  std::uint64_t count = 0;
  std::int64_t size_px = 0;

  std::size_t patch_bytes() const { return static_cast<std::size_t>(3 * size_px * size_px); }
  bool operator==(const PatchFileInfo&) const = default;
};

/// Writes patches into one HDF5 file, dataset `rgb` [count][size][size][3], neither chunked nor
/// compressed: patches are read back one by one and in no order. The file appears under its name
/// with finish(); before that, nothing is left of it.
class PatchFileWriter {
 public:
  /// Makes the folder. Throws DataError, also when there is no patch to write.
  PatchFileWriter(const std::filesystem::path& file, const PatchFileInfo& info);
  PatchFileWriter(const PatchFileWriter&) = delete;
  PatchFileWriter& operator=(const PatchFileWriter&) = delete;
  ~PatchFileWriter();

  /// The next patches, whole ones. Throws DataError (a full disk).
  void add(std::span<const std::uint8_t> rgb);
  /// Throws DataError when patches are missing or something could not be written.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The patches of a finished file. read() may be called from several threads at once.
class PatchFile {
 public:
  /// Null when there is no such file or it holds other patches. Throws DataError when it is
  /// damaged.
  static std::shared_ptr<const PatchFile> open(const std::filesystem::path& file,
                                               const PatchFileInfo& wanted);
  /// The same, after `write` has added all patches where there was no such file. Throws as
  /// PatchFileWriter does, too.
  static std::shared_ptr<const PatchFile> made(const std::filesystem::path& file,
                                               const PatchFileInfo& wanted,
                                               const std::function<void(PatchFileWriter&)>& write);
  PatchFile(const PatchFile&) = delete;
  PatchFile& operator=(const PatchFile&) = delete;
  ~PatchFile();

  /// Patch `row` as [size][size][3]. Throws DataError.
  void read(std::uint64_t row, std::span<std::uint8_t> rgb) const;

 private:
  PatchFile(std::filesystem::path file, PatchFileInfo info, std::uint64_t offset);
  std::filesystem::path file_;
  PatchFileInfo info_;
  std::uint64_t offset_;  ///< Of the first byte of the dataset in the file.
  int descriptor_ = -1;
};

}  // namespace mito::store
