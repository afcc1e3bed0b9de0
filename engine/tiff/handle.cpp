#include "engine/tiff/handle.h"

#include <array>
#include <cstdarg>
#include <cstdio>

#include "engine/core/error.h"

namespace mito::tiff {
namespace {

int keep_error(TIFF*, void* text, const char* module, const char* format, va_list arguments) {
  std::array<char, 512> line{};
  std::vsnprintf(line.data(), line.size(), format, arguments);
  *static_cast<std::string*>(text) =
      module == nullptr ? std::string(line.data()) : std::string(module) + ": " + line.data();
  return 1;
}

int drop_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

TIFF* open(const std::filesystem::path& file, const char* mode, std::string& error) {
  std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                           TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, &error);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), drop_warning, nullptr);
  return TIFFOpenExt(file.c_str(), mode, options.get());
}

}  // namespace

Handle::Handle(const std::filesystem::path& file, const char* mode)
    : file_(file),
      error_(std::make_unique<std::string>()),
      tiff_(open(file, mode, *error_), TIFFClose) {
  if (!tiff_) fail("opening it as a TIFF");
}

void Handle::fail(const std::string& doing) const {
  throw DataError(file_.string() + ": " + doing + " failed" +
                  (error_->empty() ? "" : ": " + *error_));
}

}  // namespace mito::tiff
