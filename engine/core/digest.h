#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // of OpenSSL

namespace mito {

/// SHA-256 in pieces; matches `sha256sum`. Computed by OpenSSL's libcrypto.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  /// 64 lower-case hex digits. Call once.
  std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// SHA-256 of `text` as 64 lower-case hex digits.
std::string sha256(std::string_view text);

/// SHA-256 of a file's bytes. Throws DataError when the file cannot be read.
std::string sha256_file(const std::filesystem::path& file);

}  // namespace mito
