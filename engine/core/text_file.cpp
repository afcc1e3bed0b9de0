#include "engine/core/text_file.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>

// What is unpacked is not changed.
// NOLINTNEXTLINE(readability-identifier-naming): zlib names it
#define ZLIB_CONST
#include <zlib.h>

#include "engine/core/error.h"
#include "engine/core/memory_limit.h"
#include "engine/core/text.h"

namespace mito {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 30U;
constexpr std::string_view kGzip = "\x1F\x8B";

/// Unpacks one member after the other, as gzip does.
std::string unpacked(const std::filesystem::path& file, const std::string& packed) {
  const auto fail = [&](const char* problem) {
    throw DataError(file.string() + ": cannot be unpacked as gzip: " + problem);
  };
  const auto most = std::min(kMostBytes, memory_limit() / 4);
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) fail("no memory");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  std::string out;
  std::array<unsigned char, 1U << 16U> block{};
  std::size_t read = 0;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      const std::size_t some = std::min(packed.size() - read, std::size_t{1} << 20U);
      if (some == 0) fail("it is cut short");
      stream.next_in = reinterpret_cast<const unsigned char*>(packed.data()) + read;
      stream.avail_in = static_cast<unsigned>(some);
      read += some;
    }
    stream.next_out = block.data();
    stream.avail_out = static_cast<unsigned>(block.size());
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) fail("it is damaged");
    out.append(reinterpret_cast<const char*>(block.data()), block.size() - stream.avail_out);
    if (out.size() > most) fail("it holds more than 4 GiB, or a quarter of the memory");
    if (state != Z_STREAM_END) continue;
    const std::size_t at = read - stream.avail_in;
    if (std::string_view(packed).substr(at).starts_with(kGzip)) state = inflateReset(&stream);
  }
  return out;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string from_utf16(std::string_view bytes, bool big_end_first) {
  const auto unit = [&](std::size_t at) -> std::uint32_t {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return big_end_first ? first << 8U | second : second << 8U | first;
  };
  constexpr std::uint32_t kUnknown = 0xFFFD;
  std::string out;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    std::uint32_t code = unit(at);
    const bool is_high = code >= 0xD800 && code < 0xDC00;
    const std::uint32_t low = is_high && at + 3 < bytes.size() ? unit(at + 2) : 0;
    if (is_high && low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
      at += 2;
    } else if (code >= 0xD800 && code < 0xE000) {
      code = kUnknown;
    }
    append_utf8(out, code);
  }
  return out;
}

}  // namespace

std::string read_unpacked(const std::filesystem::path& file, std::string_view expected) {
  std::error_code ignored;
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file, ignored))
    throw DataError(file.string() + ": cannot be read: expected " + std::string(expected));
  const auto size = std::filesystem::file_size(file, ignored);
  if (!ignored) require_memory(2 * size, file.string());
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) throw DataError(file.string() + ": reading failed");
  return bytes.starts_with(kGzip) ? unpacked(file, bytes) : bytes;
}

std::string decoded_text(std::string bytes) {
  const std::string_view all(bytes);
  const bool has_four = all.size() >= 4;
  if (all.starts_with("\xFF\xFE")) return from_utf16(all.substr(2), false);
  if (all.starts_with("\xFE\xFF")) return from_utf16(all.substr(2), true);
  if (has_four && all[0] != 0 && all[1] == 0 && all[2] != 0 && all[3] == 0)
    return from_utf16(all, false);
  if (has_four && all[0] == 0 && all[1] != 0 && all[2] == 0 && all[3] != 0)
    return from_utf16(all, true);
  if (all.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  return is_utf8(bytes) ? bytes : utf8_from_latin1(bytes);
}

}  // namespace mito
