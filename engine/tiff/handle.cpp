#include "engine/tiff/handle.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "engine/core/error.h"
#include "engine/tiff/silence.h"

namespace mito::tiff {
namespace {

std::string formatted(const char* format, va_list arguments) {
  std::array<char, 512> line{};
  std::vsnprintf(line.data(), line.size(), format, arguments);
  return line.data();
}

}  // namespace

int Handle::keep_error(
    TIFF*, void* words, const char* module, const char* format, va_list arguments) {
  const std::string text = formatted(format, arguments);
  static_cast<Words*>(words)->error = module == nullptr ? text : std::string(module) + ": " + text;
  return 1;
}

int Handle::keep_warning(
    TIFF*, void* words, const char* module, const char* format, va_list arguments) {
  if (module != nullptr && std::string_view(module) == "JPEGLib")
    static_cast<Words*>(words)->jpeg_warning = formatted(format, arguments);
  return 1;
}

TIFF* Handle::open(const std::filesystem::path& file, const char* mode, Words& words) {
  std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                           TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, &words);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_warning, &words);
  return TIFFOpenExt(file.c_str(), mode, options.get());
}

Handle::Handle(const std::filesystem::path& file, const char* mode)
    : file_(file), words_(std::make_unique<Words>()), tiff_(open(file, mode, *words_), TIFFClose) {
  if (!tiff_) fail("opening it as a TIFF");
}

void Handle::fail(const std::string& doing) const {
  throw DataError(file_.string() + ": " + doing + " failed" +
                  (words_->error.empty() ? "" : ": " + words_->error));
}

void silence_libtiff() {
  static const bool done = [] {
    TIFFSetErrorHandler(nullptr);
    TIFFSetWarningHandler(nullptr);
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace mito::tiff
