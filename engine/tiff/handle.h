#pragma once
#include <cstdarg>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <tiffio.h>

namespace mito::tiff {

/// An open TIFF file. Warnings of libtiff are dropped, but for those of its JPEG decoder; its last
/// error is kept for messages instead of being printed. Only for sources of engine/tiff: libtiff
/// and OpenCV do not mix in one source.
class Handle {
 public:
  /// `mode` as for TIFFOpen. Throws DataError naming the file when it cannot be opened.
  Handle(const std::filesystem::path& file, const char* mode);
  TIFF* get() const { return tiff_.get(); }
  /// Throws DataError "FILE: DOING failed: libtiff's words".
  [[noreturn]] void fail(const std::string& doing) const;
  /// What libjpeg warned of since the last call: pixels that it made up. Empty when of nothing.
  std::string take_jpeg_warning() const { return std::exchange(words_->jpeg_warning, ""); }
  /// Closes the file, which writes what is still buffered.
  void close() { tiff_.reset(); }

 private:
  struct Words {
    std::string error;
    std::string jpeg_warning;
  };
  static TIFF* open(const std::filesystem::path& file, const char* mode, Words& words);
  static int keep_error(TIFF*, void* words, const char* module, const char* format, va_list list);
  static int keep_warning(TIFF*, void* words, const char* module, const char* format, va_list list);

  std::filesystem::path file_;
  std::unique_ptr<Words> words_;  // its address is known to libtiff
  std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff_;
};

/// A field with one value, or its default.
template <class T>
T field(TIFF* tiff, ttag_t tag) {
  T value{};
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

}  // namespace mito::tiff
