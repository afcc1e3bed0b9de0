#include "engine/core/digest.h"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/errno_text.h"
#include "engine/core/error.h"

namespace mito {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

void check(int done) {
  if (done != 1) throw std::runtime_error("libcrypto cannot compute a SHA-256");
}

/// Looked up once: a content key is a digest of a few bytes, and the look-up costs more than those.
const EVP_MD* algorithm() {
  static const EVP_MD* const kFound = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kFound;
}

[[noreturn]] void fail(const std::filesystem::path& file, const char* how, int code) {
  throw DataError(fmt::format("cannot read '{}'{}: {}", file.string(), how, errno_text(code)));
}

/// A file open for reading from its beginning to its end.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file)
      : file_(file), descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail(file_, "", errno);
    // Twice the usual read-ahead: the disk works while the last block is being digested.
    ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { ::close(descriptor_); }

  /// The next bytes; none at the end.
  std::size_t read(std::span<std::byte> into) {
    while (true) {
      const auto got = ::read(descriptor_, into.data(), into.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) fail(file_, " to its end", errno);
    }
  }

 private:
  std::filesystem::path file_;
  int descriptor_;
};

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  check(EVP_DigestInit_ex(context_.get(), algorithm(), nullptr));
}

void Sha256::update(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text))); }

std::string Sha256::finish() {
  std::array<unsigned char, 32> digest{};
  check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

std::string sha256(std::string_view text) {
  Sha256 digest;
  digest.update(text);
  return digest.finish();
}

std::string sha256_file(const std::filesystem::path& file) {
  Reader reader(file);
  Sha256 digest;
  std::vector<std::byte> buffer(kBlockBytes);
  while (const auto got = reader.read(buffer)) digest.update(std::span(buffer).first(got));
  return digest.finish();
}

}  // namespace mito
