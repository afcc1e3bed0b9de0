#include "engine/core/lease.h"

#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/errno_text.h"
#include "engine/core/system_failure.h"

namespace mito {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const char* action, const fs::path& path, int code) {
  throw SystemFailure(fmt::format("cannot {} '{}': {}", action, path.string(), errno_text(code)));
}

/// When a process of this machine began, as /proc has it; empty when there is none.
std::string start_of(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/stat");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto name_end = text.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  return field;
}

/// Process numbers mean something on one machine and in one name space only.
std::string machine() {
  std::array<char, 64> space{};
  const auto length = ::readlink("/proc/self/ns/pid", space.data(), space.size() - 1);
  return fmt::format("{}/{}", host_name(), length > 0 ? space.data() : "");
}

/// "machine pid start": who we are.
std::string own_text() {
  const std::string pid = std::to_string(::getpid());
  return fmt::format("{} {} {}", machine(), pid, start_of(pid));
}

/// None when there is no such file.
std::optional<std::string> text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

/// A name beside `file` that no other process uses.
fs::path beside(const fs::path& file) {
  fs::path name = file;
  name += fmt::format(".tmp-{}-{}", host_name(), ::getpid());
  return name;
}

/// Seconds since `file` was touched, by the clock of its file system; none when it has gone.
std::optional<std::time_t> age(const fs::path& file) {
  struct stat now {};
  struct stat then {};
  const fs::path clock = beside(file.parent_path() / "clock");
  const int opened = ::open(clock.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
  const bool has_clock =
      opened >= 0 && ::futimens(opened, nullptr) == 0 && ::fstat(opened, &now) == 0;
  if (opened >= 0) ::close(opened);
  ::unlink(clock.c_str());
  if (::stat(file.c_str(), &then) != 0) return std::nullopt;
  return (has_clock ? now.st_mtime : std::time(nullptr)) - then.st_mtime;
}

bool is_abandoned(const fs::path& file, const std::string& owner, std::chrono::seconds limit) {
  std::istringstream fields(owner);
  std::string where;
  std::string pid;
  std::string start;
  fields >> where >> pid >> start;
  if (fields && where == machine()) return start_of(pid) != start;
  const auto since = age(file);
  return since && *since > limit.count();
}

/// Takes an abandoned lease out of the way; false when it is not, or another process was faster.
bool remove_abandoned(const fs::path& file, std::chrono::seconds limit) {
  const auto owner = text_of(file);
  if (!owner || !is_abandoned(file, *owner, limit)) return false;
  const fs::path aside = beside(file);
  if (::rename(file.c_str(), aside.c_str()) != 0) return false;
  const bool right = text_of(aside) == owner;
  // A new lease slipped in between: give it back, unless there is a third already.
  if (!right && ::link(aside.c_str(), file.c_str()) != 0 && errno != EEXIST && errno != ENOENT)
    fail("keep", file, errno);
  ::unlink(aside.c_str());
  return right;
}

int make(const fs::path& file) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const int made = ::open(file.c_str(), kFlags, 0644);
  if (made >= 0 || errno != ENOENT) return made;
  std::error_code in_the_way;
  fs::create_directories(file.parent_path(), in_the_way);
  return ::open(file.c_str(), kFlags, 0644);
}

}  // namespace

std::string host_name() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return host.data();
}

std::optional<Lease> Lease::take(const fs::path& file, std::chrono::seconds abandoned) {
  for (int tries = 0; tries < 2; ++tries) {
    const int made = make(file);
    if (made >= 0) {
      const std::string text = own_text();
      const bool written = ::write(made, text.data(), text.size()) >= 0;
      const int code = errno;
      ::close(made);
      if (!written) {
        ::unlink(file.c_str());
        fail("write", file, code);
      }
      return Lease(file);
    }
    if (errno != EEXIST) fail("make", file, errno);
    if (!remove_abandoned(file, abandoned)) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Lease::Holder> Lease::holder(const fs::path& file, std::chrono::seconds abandoned) {
  const auto owner = text_of(file);
  if (!owner || is_abandoned(file, *owner, abandoned)) return std::nullopt;
  std::istringstream fields(*owner);
  Holder holder;
  fields >> holder.host >> holder.pid;
  holder.host = holder.host.substr(0, holder.host.find('/'));
  return holder;
}

Lease::Lease(Lease&& other) noexcept : file_(std::exchange(other.file_, fs::path())) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

Lease::~Lease() {
  if (!file_.empty() && is_held()) ::unlink(file_.c_str());
}

void Lease::touch() const {
  if (!file_.empty()) ::utimensat(AT_FDCWD, file_.c_str(), nullptr, 0);
}

bool Lease::is_held() const { return text_of(file_) == own_text(); }

}  // namespace mito
