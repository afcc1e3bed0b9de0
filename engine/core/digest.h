#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace mito {

/// SHA-256 in pieces; matches `sha256sum`.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  /// 64 lower-case hex digits. Call once.
  std::string finish();

 private:
  void block(const std::uint8_t* bytes);
  std::array<std::uint32_t, 8> state_;
  std::array<std::uint8_t, 64> pending_{};
  std::size_t filled_ = 0;
  std::uint64_t total_ = 0;
};

/// SHA-256 of `text` as 64 lower-case hex digits.
std::string sha256(std::string_view text);

/// SHA-256 of a file's bytes. Throws DataError when the file cannot be read.
std::string sha256_file(const std::filesystem::path& file);

}  // namespace mito
