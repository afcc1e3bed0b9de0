#include "engine/store/files.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::store {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const char* action, const fs::path& path, int code) {
  throw DataError(fmt::format("cannot {} '{}': {}", action, path.string(), errno_text(code)));
}

/// Closes a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

bool same_file(int descriptor, const fs::path& path) {
  struct stat open_file {};
  struct stat named {};
  if (::fstat(descriptor, &open_file) != 0 || ::stat(path.c_str(), &named) != 0) return false;
  return open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

}  // namespace

std::string errno_text(int code) { return std::generic_category().message(code); }

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("make folder", folder, error.value());
}

void sync(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail("open", path, errno);
  // EINVAL: a file system that cannot sync folders, where nothing can be done about it
  if (::fsync(file.get()) != 0 && errno != EINVAL) fail("sync", path, errno);
}

void publish(const fs::path& temporary, const fs::path& target) {
  sync(temporary);
  if (::rename(temporary.c_str(), target.c_str()) != 0) fail("rename to", target, errno);
  const fs::path folder = target.parent_path();
  sync(folder.empty() ? fs::path(".") : folder);
}

void write_text(const fs::path& target, std::string_view text) {
  fs::path temporary = target;
  temporary += fmt::format(".tmp-{}", ::getpid());
  {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) fail("write", temporary, errno);
    while (!text.empty()) {
      const auto written = ::write(file.get(), text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        const int code = errno;
        ::unlink(temporary.c_str());
        fail("write", target, code);
      }
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  publish(temporary, target);
}

std::optional<std::string> read_text(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw DataError(fmt::format("cannot read '{}'", file.string()));
  return text;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<FileLock> FileLock::try_lock(const fs::path& path, Mode mode) {
  const int wanted = (mode == Mode::Exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
  while (true) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (file.get() < 0 && mode == Mode::Shared) return FileLock();  // a store that is only read
    if (file.get() < 0) fail("open", path, errno);
    if (::flock(file.get(), wanted) != 0) {
      if (errno == EWOULDBLOCK) return std::nullopt;
      if (errno == EINTR) continue;
      fail("lock", path, errno);
    }
    // Whoever held it may have removed the artefact: then this lock protects nothing.
    if (same_file(file.get(), path)) return FileLock(file.release());
  }
}

void FileLock::share() {
  if (::flock(descriptor_, LOCK_SH) != 0)
    throw DataError("cannot share a lock: " + errno_text(errno));
}

void FileLock::touch() {
  if (descriptor_ >= 0) ::futimens(descriptor_, nullptr);
}

}  // namespace mito::store
