#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include <tiffio.h>

namespace mito::tiff {

/// An open TIFF file. Warnings of libtiff are dropped; its last error is kept for messages instead
/// of being printed. Only for sources of engine/tiff: libtiff and OpenCV do not mix in one source.
class Handle {
 public:
  /// `mode` as for TIFFOpen. Throws DataError naming the file when it cannot be opened.
  Handle(const std::filesystem::path& file, const char* mode);
  TIFF* get() const { return tiff_.get(); }
  /// Throws DataError "FILE: DOING failed: libtiff's words".
  [[noreturn]] void fail(const std::string& doing) const;
  /// Closes the file, which writes what is still buffered.
  void close() { tiff_.reset(); }

 private:
  std::filesystem::path file_;
  std::unique_ptr<std::string> error_;  // its address is known to libtiff
  std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff_;
};

}  // namespace mito::tiff
