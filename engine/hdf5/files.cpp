#include "engine/hdf5/files.h"

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <mutex>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "engine/core/errno_text.h"
#include "engine/core/error.h"
#include "engine/core/system_failure.h"

namespace mito::store {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const char* action, const fs::path& path, int code) {
  throw SystemFailure(fmt::format("cannot {} '{}': {}", action, path.string(), errno_text(code)));
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

// --- locks

enum class Taken : std::uint8_t { Yes, Busy, NoLocks };

/// The file system has no such locks (Lustre without the option, some NFS), or cannot give one.
bool has_no_locks(int code) {
  return code == ENOSYS || code == ENOLCK || code == EOPNOTSUPP || code == EINVAL;
}

/// `lock` returns 0 or sets errno.
template <class Lock>
Taken attempt(const fs::path& path, Lock&& lock) {
  while (lock() != 0) {
    if (errno == EWOULDBLOCK || errno == EACCES) return Taken::Busy;
    if (has_no_locks(errno)) return Taken::NoLocks;
    if (errno != EINTR) fail("lock", path, errno);
  }
  return Taken::Yes;
}

Taken take_flock(int descriptor, const fs::path& path, FileLock::Mode mode) {
  const bool alone = mode == FileLock::Mode::Exclusive;
  return attempt(path, [&] { return ::flock(descriptor, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB); });
}

Taken take_ofd_lock(int descriptor, const fs::path& path, FileLock::Mode mode) {
  struct flock whole {};
  whole.l_type = static_cast<short>(mode == FileLock::Mode::Exclusive ? F_WRLCK : F_RDLCK);
  whole.l_whence = SEEK_SET;
  return attempt(path, [&] { return ::fcntl(descriptor, F_OFD_SETLK, &whole); });
}

Taken take(int descriptor, const fs::path& path, FileLock::Mode mode) {
  const auto taken = take_flock(descriptor, path, mode);
  return taken != Taken::NoLocks ? taken : take_ofd_lock(descriptor, path, mode);
}

// --- leases

constexpr std::chrono::hours kAbandoned{1};  // without a sign of life, of another machine

void warn_of_leases(const fs::path& path) {
  static std::once_flag once;
  std::call_once(once, [&] {
    spdlog::warn(
        "the file system of '{}' has no locks: files named .lease stand in for them; do not run "
        "`mitoloom store gc` while another process uses the store",
        path.string());
  });
}

bool same_file(int descriptor, const fs::path& path) {
  struct stat open_file {};
  struct stat named {};
  if (::fstat(descriptor, &open_file) != 0 || ::stat(path.c_str(), &named) != 0) return false;
  return open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

}  // namespace

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("make folder", folder, error.value());
}

std::optional<std::string> read_text(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw SystemFailure(fmt::format("cannot read '{}'", file.string()));
  return text;
}

Protection protection_in(const fs::path& folder) {
  const fs::path path = folder / fmt::format("lock.tmp-{}", ::getpid());
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (file.get() < 0) fail("make", path, errno);
  ::unlink(path.c_str());
  if (take_flock(file.get(), path, FileLock::Mode::Exclusive) == Taken::Yes)
    return Protection::Flock;
  return take_ofd_lock(file.get(), path, FileLock::Mode::Exclusive) == Taken::Yes
             ? Protection::OfdLock
             : Protection::Lease;
}

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      lease_(std::exchange(other.lease_, std::nullopt)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(lease_, other.lease_);
  return *this;
}

FileLock::~FileLock() {
  lease_.reset();
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<FileLock> FileLock::try_lock(const fs::path& path, Mode mode) {
  while (true) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (file.get() < 0 && mode == Mode::Shared) return FileLock();  // a store that is only read
    if (file.get() < 0) fail("open", path, errno);
    const Taken taken = take(file.get(), path, mode);
    if (taken == Taken::Busy) return std::nullopt;
    std::optional<Lease> lease;
    if (taken == Taken::NoLocks) {
      warn_of_leases(path);
      if (mode == Mode::Exclusive) {
        lease = Lease::take(path.string() + ".lease", kAbandoned);
        if (!lease) return std::nullopt;
      }
    }
    // Whoever held it may have removed the artefact: then this lock protects nothing.
    FileLock lock(file.release(), std::move(lease));
    if (same_file(lock.descriptor_, path)) return lock;
  }
}

void FileLock::share() {
  lease_.reset();
  if (take(descriptor_, "lock", Mode::Shared) == Taken::Busy)
    throw SystemFailure("cannot share a lock: another process holds it");
}

void FileLock::touch() {
  if (descriptor_ >= 0) ::futimens(descriptor_, nullptr);
  if (lease_) lease_->touch();
}

}  // namespace mito::store
