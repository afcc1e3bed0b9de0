#include "engine/hdf5/files.h"

#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
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

Taken take(int descriptor, const fs::path& path, FileLock::Mode mode) {
  const bool alone = mode == FileLock::Mode::Exclusive;
  const auto taken =
      attempt(path, [&] { return ::flock(descriptor, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB); });
  if (taken != Taken::NoLocks) return taken;
  struct flock whole {};
  whole.l_type = static_cast<short>(alone ? F_WRLCK : F_RDLCK);
  whole.l_whence = SEEK_SET;
  return attempt(path, [&] { return ::fcntl(descriptor, F_OFD_SETLK, &whole); });
}

// --- leases

constexpr std::time_t kAbandoned = 3600;  // seconds without a sign of life

/// When a process of this machine began, as /proc has it; empty when there is none.
std::string start_of(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/stat");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto name_end = text.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  return field;
}

/// Process numbers mean something on one machine and in one name space only.
std::string machine() {
  std::array<char, 256> host{};
  std::array<char, 64> space{};
  ::gethostname(host.data(), host.size() - 1);
  const auto length = ::readlink("/proc/self/ns/pid", space.data(), space.size() - 1);
  return fmt::format("{}/{}", host.data(), length > 0 ? space.data() : "");
}

/// "machine pid start": who we are.
std::string own_lease() {
  const std::string pid = std::to_string(::getpid());
  return fmt::format("{} {} {}", machine(), pid, start_of(pid));
}

bool is_abandoned(const fs::path& lease, const std::string& owner) {
  std::istringstream fields(owner);
  std::string where;
  std::string pid;
  std::string start;
  fields >> where >> pid >> start;
  if (fields && where == machine()) return start_of(pid) != start;
  struct stat about {};
  return ::stat(lease.c_str(), &about) == 0 && std::time(nullptr) - about.st_mtime > kAbandoned;
}

/// Takes an abandoned lease out of the way; false when it is not, or another process was faster.
bool remove_abandoned(const fs::path& lease) {
  const auto owner = read_text(lease);
  if (!owner || !is_abandoned(lease, *owner)) return false;
  fs::path aside = lease;
  aside += fmt::format(".tmp-{}", ::getpid());
  if (::rename(lease.c_str(), aside.c_str()) != 0) return false;
  const bool right = read_text(aside) == owner;
  // A new lease slipped in between: give it back, unless there is a third already.
  if (!right && ::link(aside.c_str(), lease.c_str()) != 0 && errno != EEXIST)
    fail("keep", lease, errno);
  ::unlink(aside.c_str());
  return right;
}

bool take_lease(const fs::path& lease) {
  for (int tries = 0; tries < 2; ++tries) {
    const Descriptor file(::open(lease.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (file.get() >= 0) {
      const std::string text = own_lease();
      if (::write(file.get(), text.data(), text.size()) < 0) fail("write", lease, errno);
      return true;
    }
    if (errno != EEXIST) fail("make", lease, errno);
    if (!remove_abandoned(lease)) return false;
  }
  return false;
}

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

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      lease_(std::exchange(other.lease_, fs::path())) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(lease_, other.lease_);
  return *this;
}

FileLock::~FileLock() {
  drop_lease();
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FileLock::drop_lease() {
  if (lease_.empty()) return;
  std::ifstream in(lease_);
  const std::string owner{std::istreambuf_iterator<char>(in), {}};
  if (owner == own_lease()) ::unlink(lease_.c_str());
  lease_.clear();
}

std::optional<FileLock> FileLock::try_lock(const fs::path& path, Mode mode) {
  while (true) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (file.get() < 0 && mode == Mode::Shared) return FileLock();  // a store that is only read
    if (file.get() < 0) fail("open", path, errno);
    const Taken taken = take(file.get(), path, mode);
    if (taken == Taken::Busy) return std::nullopt;
    fs::path lease;
    if (taken == Taken::NoLocks) {
      warn_of_leases(path);
      if (mode == Mode::Exclusive) {
        lease = path;
        lease += ".lease";
        if (!take_lease(lease)) return std::nullopt;
      }
    }
    // Whoever held it may have removed the artefact: then this lock protects nothing.
    FileLock lock(file.release(), lease);
    if (same_file(lock.descriptor_, path)) return lock;
  }
}

void FileLock::share() {
  drop_lease();
  if (take(descriptor_, "lock", Mode::Shared) == Taken::Busy)
    throw DataError("cannot share a lock: another process holds it");
}

void FileLock::touch() {
  if (descriptor_ >= 0) ::futimens(descriptor_, nullptr);
  if (!lease_.empty()) ::utimensat(AT_FDCWD, lease_.c_str(), nullptr, 0);
}

}  // namespace mito::store
